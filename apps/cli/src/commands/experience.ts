/** `waggle experience …`: the group, and the commands that need nothing but a record's id. */
import { fault } from '@waggle/protocol'
import type { CollectiveHandle } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { experienceFields, experienceForm } from '../experience-form.ts'
import { withCollective } from '../task.ts'
import { fields } from '../terminal/layout.ts'
import { addExperienceCold, addExperienceEnergy } from './experience-energy.ts'
import { addExperienceList } from './experience-list.ts'
import { addExperienceRecord } from './experience-record.ts'
import { addExperienceUpdate } from './experience-update.ts'

export const addExperienceCommands = (program: Command, bind: Bind): void => {
  const group = program.command('experience').description('what an agent learnt')
  addExperienceRecord(group, bind)
  addExperienceGet(group, bind)
  addExperienceList(group, bind)
  addExperienceUpdate(group, bind)
  addExperienceEnergy(group, bind)
  addExperienceCold(group, bind)
  for (const write of writes) addWrite(group, bind, write)
}

const addExperienceGet = (group: Command, bind: Bind): void => {
  group
    .command('get')
    .argument('<collective>', 'its name or id')
    .argument('<id>', 'of the experience')
    .description('one experience; with --json its embedding too')
    .action(
      bind(async (task, idOrName: string, id: string) =>
        withCollective(task, idOrName, async (hive) => {
          const experience = await hive.get(id)
          if (experience === undefined)
            throw fault('NOT_FOUND', `experience not found id=${id}`, { entity: 'experience', id })
          await task.output.data(experienceForm(experience), () => fields(experienceFields(experience)))
          return 0
        }),
      ),
    )
}

interface Write {
  readonly verb: string
  readonly description: string
  readonly apply: (hive: CollectiveHandle, id: string) => Promise<Readonly<Record<string, string | number>>>
}

const writes: readonly Write[] = [
  {
    verb: 'archive',
    description: 'hide it from search and recent',
    apply: async (hive, id) => ({ ...(await hive.archive(id)) }),
  },
  { verb: 'unarchive', description: 'show it again', apply: async (hive, id) => ({ ...(await hive.unarchive(id)) }) },
  { verb: 'delete', description: 'delete it', apply: async (hive, id) => ({ ...(await hive.delete(id)) }) },
  {
    verb: 'reinforce',
    description: 'count one more use of it',
    apply: async (hive, id) => ({ ...(await hive.reinforce(id)) }),
  },
]

const addWrite = (group: Command, bind: Bind, { verb, description, apply }: Write): void => {
  group
    .command(verb)
    .argument('<collective>', 'its name or id')
    .argument('<id>', 'of the experience')
    .description(description)
    .action(
      bind(async (task, idOrName: string, id: string) =>
        withCollective(task, idOrName, async (hive) => {
          const written = { id, ...(await apply(hive, id)) }
          await task.output.data(written, () => fields(written))
          return 0
        }),
      ),
    )
}
