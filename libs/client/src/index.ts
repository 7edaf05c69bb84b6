// The interface comes along, so that whoever connects can name what it gives and catch what it throws.
// eslint-disable-next-line no-restricted-syntax -- The names are listed one by one where they are made public.
export type * from '@waggle/sdk'
export { CollectiveHandle, Fault, isFault } from '@waggle/sdk'
export { connectCaller } from './cluster-caller.ts'
export type { CallerOptions, ConnectOptions, ServerOptions, TlsOptions } from './connect-options.ts'
export { connectOperator, type Operator } from './operator.ts'
export { Waggle } from './waggle.ts'
