/** `waggle doctor`: whether the machine and the store are well, be that a folder or a cluster. */
import { systemIds } from '@waggle/kernel'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { checkCluster } from '../doctor/cluster-checks.ts'
import type { Finding } from '../doctor/finding.ts'
import { checkFolder } from '../doctor/folder-checks.ts'
import { checkDisk, checkFsync, checkNative, checkNode } from '../doctor/machine-checks.ts'
import { checkNatsServer } from '../doctor/server-checks.ts'
import { checkStore } from '../doctor/store-checks.ts'
import { placeOf } from '../place/place.ts'
import type { Task } from '../task.ts'
import type { Sheet } from '../terminal/record-lines.ts'
import { indented, left, oneLine, shorten, wrapped } from '../terminal/text.ts'

export const addDoctorCommand = (program: Command, bind: Bind): void => {
  program
    .command('doctor')
    .description('examine this machine and the folder with every record in it, or the cluster (--server)')
    .option('--accept-loss', 'open a folder that has lost its newest acknowledged writes, and give them up')
    .action(
      bind(async (task, { acceptLoss = false }: { readonly acceptLoss?: boolean }) => {
        let failures = 0
        for await (const finding of examine(task, acceptLoss)) {
          if (finding.state === 'fail') failures += 1
          await task.output.data(finding, () => findingLines(finding, task.output))
        }
        return failures === 0 ? 0 : 1
      }),
    )
}

async function* examine(task: Task, acceptLoss: boolean): AsyncGenerator<Finding> {
  const { settings, host, output } = task
  const place = await placeOf(settings, host.environment)
  if (place.note !== undefined) output.remark(place.note)
  yield checkNode(process.versions.node)
  if (place.kind === 'folder') yield* examineFolder(task, place.path, acceptLoss)
  else yield* checkCluster(task, place.address)
}

async function* examineFolder(task: Task, path: string, acceptLoss: boolean): AsyncGenerator<Finding> {
  const { host } = task
  const native = await checkNative(task)
  yield native
  yield await checkNatsServer(host.environment.variables ?? {})
  const { findings, hasStore, ground } = await checkFolder(path)
  yield* findings
  yield await checkDisk(ground)
  if (findings.every(({ state }) => state !== 'fail')) yield await checkFsync(ground, host.clock, systemIds)
  if (hasStore && native.state !== 'fail') yield* checkStore(task, acceptLoss)
}

const CHECK_WIDTH = 14

const findingLines = ({ check, state, text, hint }: Finding, { colours, width }: Sheet): readonly string[] => {
  const paint = { ok: colours.good, warn: colours.warn, fail: colours.bad }[state]
  const name = left(shorten(check, CHECK_WIDTH), CHECK_WIDTH)
  const indent = CHECK_WIDTH + 8
  const [first = '', ...more] = wrapped(oneLine(text), width - indent)
  const [advice = '', ...rest] = hint === undefined ? [] : wrapped(hint, width - indent - 2)
  return [
    `${paint(left(state, 4))}  ${name}  ${first}`,
    ...indented(more, indent),
    ...(advice === '' ? [] : indented([`→ ${advice}`, ...indented(rest, 2)], indent)),
  ]
}
