/** Whether a nats-server takes a configuration. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { findNatsServer } from '@waggle/nats-server'

/**
 * @param folder beside which the files lie that it includes
 * @throws Error with the server's complaint where it refuses
 */
export const checkServerConfig = async (
  folder: string,
  config: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const { path: server } = await findNatsServer({ need: 'unreplicated', environment: process.env })
  const file = path.join(folder, 'checked.conf')
  writeFileSync(file, config)
  execFileSync(server, ['-t', '-c', file], { stdio: 'pipe', env: environment })
}
