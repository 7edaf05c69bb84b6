/** The options that every service has. */
import { DELAY_MS_MAX } from '@waggle/kernel'
import { logLevels } from '../logging.ts'
import {
  choiceOption,
  fileOption,
  integerOption,
  listOption,
  switchOption,
  textOption,
  type TextShape,
} from './option.ts'

/** One token of a subject. */
const NODE_NAME: TextShape = { pattern: /^[A-Za-z0-9_-]{1,64}$/, range: '1..64 of A-Z a-z 0-9 _ -' }
const SERVER: TextShape = { pattern: /^(nats|tls):\/\/[^\s,]+$/, range: 'nats://host:port or tls://host:port' }
const CERTIFICATES: TextShape = { pattern: /^-----BEGIN CERTIFICATE-----$/m, range: 'file of certificates (PEM)' }
const PRIVATE_KEY: TextShape = {
  pattern: /^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----$/m,
  range: 'file of a private key (PEM)',
}
const PORT_MAX = 65_535

export interface CommonDefaults {
  readonly drainMs: number
}

/** @param defaults what differs from one service to another */
export const commonOptions = ({ drainMs }: CommonDefaults) =>
  ({
    node: textOption({ about: 'name of this process, its own in the cluster', isRequired: true }, NODE_NAME),
    nats: {
      url: listOption({ about: 'NATS servers; others of their cluster are learnt', isRequired: true }, SERVER),
      user: textOption({ about: 'user of the role of this service', needs: 'nats.password' }),
      password: textOption({ about: 'password of nats.user', isSecret: true, needs: 'nats.user' }),
      tls: {
        caFile: fileOption(
          { about: 'authorities that may have signed the certificates of the servers; else those that Node trusts' },
          CERTIFICATES,
        ),
        certFile: fileOption(
          { about: 'certificate of this service, for servers that ask for one', needs: 'nats.tls.keyFile' },
          CERTIFICATES,
        ),
        keyFile: fileOption({ about: 'private key of nats.tls.certFile', needs: 'nats.tls.certFile' }, PRIVATE_KEY),
      },
    },
    http: {
      host: textOption({ about: 'address at which probes and metrics are served', default: '127.0.0.1' }),
      port: integerOption({
        about: 'port for /livez, /readyz, /healthz and /metrics; 0 takes a free one and names it in the log',
        ...{ min: 0, max: PORT_MAX, default: 8_080 },
      }),
    },
    drain: {
      timeoutMs: integerOption({
        about: 'how long the work under way may take when the process is told to stop; then it leaves with 1',
        ...{ min: 0, max: DELAY_MS_MAX, default: drainMs, unit: 'ms' },
      }),
    },
    log: {
      level: choiceOption({
        about: 'the least that is logged',
        ...{ values: logLevels, default: 'info', variable: 'LOG_LEVEL' },
      }),
    },
    exitWithStdin: switchOption({ about: 'whether the end of the standard input is told to stop', default: false }),
  }) as const

export type CommonOptions = ReturnType<typeof commonOptions>
