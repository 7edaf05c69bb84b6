/** A folder for each test, gone after it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** An empty folder. */
export const testFolder = (): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'waggle-cli-test-'))
  folders.push(folder)
  return folder
}

/** A folder that the tests of a file share; made before them. */
export const sharedFolder = (): (() => string) => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'waggle-cli-test-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return () => folder
}
