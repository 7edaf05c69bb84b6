/** The processes of a cluster as the operating system sees them, whatever the cluster says of itself. */
import { readdirSync, readFileSync } from 'node:fs'

export interface SeenProcess {
  readonly pid: number
  readonly command: string
}

/** Living processes whose command or environment names the folder; this one and its own children's shells aside. */
export const processesOf = (folder: string): readonly SeenProcess[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = textOf(`/proc/${name}/cmdline`)
      const isOfFolder = command.includes(folder) || textOf(`/proc/${name}/environ`).includes(`=${folder}`)
      // One that was killed and not yet waited for has no command any more.
      return isOfFolder && command !== '' ? [{ pid: Number(name), command: command.replaceAll('\0', ' ').trim() }] : []
    })

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
