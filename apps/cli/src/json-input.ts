/** Bytes and JSON that a command is told to read: a file, or stdin. */
import { limits } from '@waggle/protocol'
import { commandFault } from './faults.ts'
import { bytesOf, openInput } from './input-file.ts'
import { stopIfInterrupted, type Task } from './task.ts'

/** What is beyond need not be read: the store refuses it. */
const BYTES_MAX = 4 * limits.REQUEST_BYTES_MAX

/** The bytes of a file, or of stdin where it is `-`. @throws Fault `INPUT_UNREADABLE` */
export const readBytes = async (task: Task, path: string): Promise<Uint8Array> => {
  const { stdin, interrupted } = task.host
  const stream = path === '-' ? stdin : (await openInput(path)).createReadStream()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of bytesOf(stream, path, interrupted)) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > BYTES_MAX) break
  }
  stopIfInterrupted(task)
  return new Uint8Array(Buffer.concat(chunks))
}

/** @throws Fault `INPUT_UNREADABLE`, `MALFORMED_INPUT` */
export const readJson = async (task: Task, path: string): Promise<unknown> => parse(await readText(task, path), path)

/** A list, or one value a line. @throws Fault `INPUT_UNREADABLE`, `MALFORMED_INPUT` */
export const readJsonList = async (task: Task, path: string): Promise<readonly unknown[]> => {
  const text = await readText(task, path)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  // A list of lists begins as a line that is a list does: what is whole by itself is one value a line.
  if (lines.length > 1 && isJson(lines[0] ?? '')) return lines.map((line) => parse(line, path))
  const value = parse(text, path)
  return Array.isArray(value) && !isRow(value) ? (value as readonly unknown[]) : [value]
}

/** `["key","value"]` is one row, `[["key","value"]]` and `[{…}]` are lists of them. */
const isRow = (list: readonly unknown[]): boolean => list.length > 0 && !list.every((item) => typeof item === 'object')

const readText = async (task: Task, path: string): Promise<string> => {
  const bytes = await readBytes(task, path)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw commandFault('MALFORMED_INPUT', `input is not UTF-8 path=${path}`, { path })
  }
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const parse = (text: string, path: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw commandFault('MALFORMED_INPUT', `input is not JSON path=${path} reason=${(error as Error).message}`, { path })
  }
}
