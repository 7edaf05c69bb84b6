/** The reference of all commands as a page, made from their tree. */
import type { Command } from 'commander'
import { commandExamples, type CommandExample } from './examples.ts'

/** A command that does something, and the words that name it. */
export interface NamedCommand {
  readonly words: string
  readonly command: Command
}

/** The commands at the ends of the tree, those for users. */
export const leavesOf = (command: Command, words = ''): readonly NamedCommand[] => {
  const inner = command.createHelp().visibleCommands(command)
  const named = inner.filter((each) => each.name() !== 'help')
  if (named.length === 0) return [{ words, command }]
  return named.flatMap((each) => leavesOf(each, `${words} ${each.name()}`.trim()))
}

const exampleLine = (words: string, example: CommandExample): string => `waggle ${words} ${example.words}`.trimEnd()

const jsonText = ({ json, fields }: CommandExample): string =>
  `${json === 'value' ? 'one value' : 'one value a line'}: ${fields}`

/** Puts the example behind the help of each command. */
export const addExamples = (program: Command): void => {
  for (const { words, command } of leavesOf(program)) {
    const example = commandExamples[words]
    if (example !== undefined)
      command.addHelpText('after', `\nExample:\n  ${exampleLine(words, example)}\n\nJSON:\n  ${jsonText(example)}`)
  }
}

/** The page, as Markdown. */
export const referencePage = (program: Command): string =>
  [
    '# Reference of the command line',
    'Made from the commands themselves; `docs/cli.md` tells what all of them have in common.',
    '## Options of every command',
    optionLines(program),
    ...leavesOf(program).flatMap(section),
  ].join('\n\n') + '\n'

const section = ({ words, command }: NamedCommand): readonly string[] => {
  const example = commandExamples[words]
  const args = command.registeredArguments.map((each) => `- \`${each.name()}\`: ${each.description}`).join('\n')
  const lines = [args, optionLines(command)].filter((text) => text !== '').join('\n')
  return [
    `## waggle ${words}`,
    `\`${`waggle ${words} ${command.usage()}`.trimEnd()}\`: ${command.description()}.`,
    ...(lines === '' ? [] : [lines]),
    ...(example === undefined
      ? []
      : [`\`\`\`sh\n${exampleLine(words, example)}\n\`\`\``, `JSON: ${jsonText(example)}.`]),
  ]
}

const optionLines = (command: Command): string =>
  command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((option) => `- \`${option.flags}\`: ${command.createHelp().optionDescription(option)}`)
    .join('\n')
