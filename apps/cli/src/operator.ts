/** The operators' side of a cluster: what `waggle shard list` and its like ask. */
import { fault, type SystemName, type SystemRequestOf, type SystemResultOf } from '@waggle/protocol'
import { UsageError } from './faults.ts'
import { isAnybody, type Address } from './place/address.ts'
import { localPort } from './place/local-port.ts'
import { placeOf } from './place/place.ts'
import { serverOptions } from './place/server-options.ts'
import { operatorLogger, type Task } from './task.ts'

/** The operation's fields, and how long it may take; 20 s where that is absent. */
export type OperatorBody<Name extends SystemName> = SystemRequestOf<Name> & { readonly timeoutMs?: number }

export interface OperatorConnection {
  call<Name extends SystemName>(operation: Name, body?: OperatorBody<Name>): Promise<SystemResultOf<Name>>
  close(): Promise<void>
}

/** Asks a cluster something, and closes the connection. @throws UsageError where the place is no cluster */
export const askCluster = async <Name extends SystemName>(
  task: Task,
  operation: Name,
  body?: OperatorBody<Name>,
): Promise<SystemResultOf<Name>> => {
  const { settings, host, output } = task
  const place = await placeOf(settings, host.environment)
  if (place.kind === 'folder') throw new UsageError('this is about a cluster: give --server, such as 127.0.0.1')
  if (place.note !== undefined) output.remark(place.note)
  const connection = await openOperator(task, place.address)
  try {
    return await connection.call(operation, body)
  } finally {
    await connection.close()
  }
}

/** @throws Fault `DENIED` where no credentials are known */
export const openOperator = async (task: Task, address: Address): Promise<OperatorConnection> => {
  const credentials = await operatorCredentials(task, address)
  if (credentials === undefined)
    throw fault('DENIED', `no credentials of an operator are known servers=${address.servers.join(',')}`, {
      missing: 'operator',
    })
  const { connectOperator } = await import('@waggle/client')
  const options = await serverOptions({ ...address, credentials })
  const operator = await connectOperator({ ...options, logger: operatorLogger(task.output) })
  return {
    // The cluster answers in the shape that the protocol gives the operation.
    call: async (operation, body) =>
      (await operator.call(operation, body)) as unknown as SystemResultOf<typeof operation>,
    close: async () => operator.close(),
  }
}

const operatorCredentials = async ({ host }: Task, { servers, credentials }: Address) => {
  if (isAnybody(credentials)) return credentials
  const { stateFolder } = host.environment
  const port = localPort(servers)
  if (stateFolder === undefined || port === undefined) return undefined
  const { findOperatorAccess } = await import('@waggle/local-cluster')
  const access = await findOperatorAccess(stateFolder, port)
  return access === undefined ? undefined : { user: access.user, password: access.password }
}
