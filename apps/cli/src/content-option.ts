/** `--content TEXT`, where `-` reads it from stdin. */
import { limits } from '@waggle/protocol'
import { UsageError } from './faults.ts'
import { bytesOf } from './input-file.ts'
import { stopIfInterrupted, type Task } from './task.ts'

/**
 * The text that the option means; of stdin without the line break that ends it, and no more than a request can carry.
 * @throws UsageError
 */
export const readContent = async (task: Task, content: string): Promise<string> => {
  if (content !== '-') return content
  const { host } = task
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of bytesOf(host.stdin, '-', host.interrupted)) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > limits.REQUEST_BYTES_MAX) break
  }
  stopIfInterrupted(task)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)).replace(/\r?\n$/, '')
  } catch {
    throw new UsageError('--content -: what stands on stdin is not UTF-8')
  }
}
