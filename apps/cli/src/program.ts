/** The tree of commands. */
import type { Command } from 'commander'
import type { Bind } from './cli.ts'
import { addActivityCommands } from './commands/activity.ts'
import { addBackupCommands } from './commands/backup.ts'
import { addBatchCommand } from './commands/batch.ts'
import { addClusterStateCommands } from './commands/cluster-state.ts'
import { addCheckpointCommands, addVerifyCommand } from './commands/cluster-work.ts'
import { addCollectiveCommands } from './commands/collective.ts'
import { addCompletionCommand } from './commands/completion.ts'
import { addConfigCommand } from './commands/config.ts'
import { addContextCommand } from './commands/context.ts'
import { addCursorCommands } from './commands/cursor.ts'
import { addDemoCommand } from './commands/demo.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addExperienceCommands } from './commands/experience.ts'
import { addExportCommand } from './commands/export.ts'
import { addImportCommand } from './commands/import.ts'
import { addInsightCommands } from './commands/insight.ts'
import { addKeyCommands } from './commands/keys.ts'
import { addPageCommands } from './commands/pages.ts'
import { addPayloadCommands } from './commands/payloads.ts'
import { addPermissionsCommand } from './commands/permissions.ts'
import { addRecentCommand } from './commands/recent.ts'
import { addRelationCommands } from './commands/relation.ts'
import { addSearchCommand } from './commands/search.ts'
import { addSecurityCommands } from './commands/security.ts'
import { addUpCommand } from './commands/up.ts'
import { addUsageCommand } from './commands/usage.ts'
import { addVectorCommands } from './commands/vectors.ts'
import { addWatchCommand } from './commands/watch.ts'
import type { Host } from './host.ts'
import { addExamples } from './manual/reference.ts'
import { addGlobalOptions } from './settings.ts'
import { WaggleCommand } from './waggle-command.ts'

const VERSION = '0.1.0'

/** Adds a command, or a few of one noun, below `parent`. */
export type AddCommand = (parent: Command, bind: Bind) => void

const commands: readonly AddCommand[] = [
  addDemoCommand,
  addCollectiveCommands,
  addExperienceCommands,
  addSearchCommand,
  addRecentCommand,
  addContextCommand,
  addRelationCommands,
  addInsightCommands,
  addActivityCommands,
  addWatchCommand,
  addCursorCommands,
  addBatchCommand,
  addKeyCommands,
  addVectorCommands,
  addPayloadCommands,
  addPageCommands,
  addUsageCommand,
  addImportCommand,
  addExportCommand,
  addUpCommand,
  addClusterStateCommands,
  addCheckpointCommands,
  addVerifyCommand,
  addBackupCommands,
  addSecurityCommands,
  addPermissionsCommand,
  addDoctorCommand,
  addConfigCommand,
  addCompletionCommand,
]

export const buildProgram = (bind: Bind, { stdout, stderr }: Pick<Host, 'stdout' | 'stderr'>): Command => {
  const program = new WaggleCommand('waggle')
    .description('The shared memory of a fleet of agents: record what was learnt, search it by meaning.')
    .version(VERSION, '-V, --version')
    .helpCommand(true)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
    })
    // What is wrong becomes an error that the caller turns into an exit code; nothing here ends the process.
    .exitOverride()
  addGlobalOptions(program)
  for (const add of commands) add(program, bind)
  addExamples(program)
  return program
}
