/** The options of a router. */
import { commonOptions } from '@waggle/service-host'

export const routerOptions = commonOptions({ drainMs: 10_000 })
