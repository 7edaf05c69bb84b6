/** Examinations of the folder, before the store in it is opened. Looking makes nothing: no folder, no store. */
import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { counted } from '../terminal/layout.ts'
import { refused, type Finding } from './finding.ts'

export interface FolderFindings {
  readonly findings: readonly Finding[]
  /** There is something in the folder that only a store leaves there. */
  readonly hasStore: boolean
  /** The folder, or where it is absent the nearest one above it: where the disk can be examined. */
  readonly ground: string
}

/** Either says that a store was here; damage may have taken the other. */
const STORE_FILES: readonly string[] = ['state', 'acknowledged']

export const checkFolder = async (folder: string): Promise<FolderFindings> => {
  const ground = await nearestFolder(folder)
  const names = await namesIn(folder)
  const findings = [folderFinding(folder, names), await checkRights(ground)]
  return { findings, hasStore: typeof names === 'object' && holdsStore(names), ground }
}

const folderFinding = (folder: string, names: Names): Finding => {
  const check = 'folder'
  const hint = 'The first write makes a store here; check --path.'
  if (names === 'absent') return { check, state: 'warn', text: `${folder} is not there yet`, hint }
  if (names instanceof Error) return refused(check, names)
  if (holdsStore(names)) return { check, state: 'ok', text: folder }
  const content = names.length === 0 ? 'is empty' : `holds ${counted(names.length, 'file')}, but no store`
  return { check, state: 'warn', text: `${folder} ${content}`, hint }
}

const holdsStore = (names: readonly string[] | Error): boolean =>
  !(names instanceof Error) && names.some((name) => STORE_FILES.includes(name))

/** What is in the folder; `absent`; or why that cannot be said. */
type Names = readonly string[] | 'absent' | Error

const namesIn = async (folder: string): Promise<Names> => {
  try {
    return await readdir(folder)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : (error as Error)
  }
}

const checkRights = async (folder: string): Promise<Finding> => {
  const check = 'rights'
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return { check, state: 'ok', text: `${folder} can be read and written` }
  } catch {
    return { check, state: 'fail', text: `no right to write into ${folder}`, hint: 'Give this user the folder.' }
  }
}

const nearestFolder = async (folder: string): Promise<string> => {
  const resolved = path.resolve(folder)
  const found = await stat(resolved).catch(() => undefined)
  const above = path.dirname(resolved)
  return found?.isDirectory() === true || above === resolved ? resolved : nearestFolder(above)
}
