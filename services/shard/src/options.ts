/** The options of a shard process. */
import { decodeSettings, INDEX_BYTES_MAX_DEFAULT, LOG_BYTES_MAX_DEFAULT } from '@waggle/cluster'
import { durabilities, limits } from '@waggle/protocol'
import { choiceOption, commonOptions, integerOption, structuredOption, textOption } from '@waggle/service-host'

const MEBIBYTE = 1024 ** 2
const TEBIBYTE = 1024 ** 4

// An append under way is resolved first, which may take as long as its lease.
const common = commonOptions({ drainMs: 20_000 })

export const shardOptions = {
  ...common,
  nats: {
    ...common.nats,
    logUser: textOption({
      about: 'user of the role log, who alone writes logs; never the one of nats.user',
      needs: 'nats.logPassword',
    }),
    logPassword: textOption({ about: 'password of nats.logUser', isSecret: true, needs: 'nats.logUser' }),
  },
  dir: textOption({ about: 'folder of the states, of no other process, kept for life', isRequired: true }),
  cluster: {
    shards: integerOption({
      about: 'shards of a cluster that is created; one that exists keeps what it has',
      ...{ min: 1, max: limits.SHARDS_MAX, default: limits.SHARDS_DEFAULT },
    }),
    replicas: choiceOption({
      about: 'servers that keep each log of a cluster that is created',
      ...{ values: [1, 3, 5], default: 1 },
    }),
    // Further copies cost disk and time, and survive no more than three servers do.
    copies: integerOption({
      about: 'nodes that keep each state of a cluster that is created; with fewer nodes there are fewer',
      ...{ min: 1, max: 5, default: 2 },
    }),
    logBytesMax: integerOption({
      about: 'room of each log of a cluster that is created, which the servers set aside at once',
      ...{ min: 64 * MEBIBYTE, max: TEBIBYTE, default: LOG_BYTES_MAX_DEFAULT, unit: 'bytes' },
    }),
    checkpointBytesMax: integerOption({
      about: 'room of all checkpoints, which the servers set aside at once; twice that of all logs if absent',
      ...{ min: 64 * MEBIBYTE, max: TEBIBYTE, unit: 'bytes' },
    }),
    durability: choiceOption({
      about: 'what an acknowledgement of a cluster that is created means',
      ...{ values: durabilities, default: 'synced' },
    }),
  },
  engine: {
    decay: structuredOption(
      {
        about: 'how fast energy fades where a collective says nothing, as its own decay; the same at every node',
        range: 'JSON { halfLifeMs, freqWeight, floor }',
        default: decodeSettings({}).decay,
      },
      (decay) => decodeSettings({ decay }).decay,
    ),
    activityStaleMs: integerOption({
      about: 'after how long without a heartbeat an agent counts as gone; the same at every node',
      ...{ min: 0, max: limits.TIME_MS_MAX, default: decodeSettings({}).activityStaleMs, unit: 'ms' },
    }),
  },
  index: {
    bytesMax: integerOption({
      about: 'memory of all indexes of this process; those unused for longest go first, and are built when asked for',
      ...{ min: 16 * MEBIBYTE, max: TEBIBYTE, default: INDEX_BYTES_MAX_DEFAULT, unit: 'bytes' },
    }),
  },
} as const
