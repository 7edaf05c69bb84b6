/**
 * Completion scripts. Each holds one table, the path of a command → the words that may follow it, and looks up the
 * longest path that the line begins with; where a word is no subcommand or option, the shell completes file names.
 */
import type { Command } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** The path of each command, the program's own being empty, or of an option with its dashes: what may follow it. */
export type CommandWords = ReadonlyMap<string, readonly string[]>

export const wordsOf = (program: Command): CommandWords => {
  const words = new Map(valuesOf(program))
  const globals = optionsOf(program)
  const visit = (command: Command, path: string): void => {
    const visible = command.createHelp().visibleCommands(command)
    const options = command === program ? globals : [...optionsOf(command), ...globals]
    const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices)
    words.set(path, [...visible.map((child) => child.name()), ...choices, ...options])
    for (const child of visible)
      if (child.name() !== 'help') visit(child, path === '' ? child.name() : `${path} ${child.name()}`)
  }
  visit(program, '')
  return words
}

/** The words that an option's value, or an argument, is one of; by the path of its command and the option. */
const valuesOf = (program: Command): CommandWords => {
  const values = new Map<string, readonly string[]>()
  const visit = (command: Command, path: string): void => {
    for (const { long, argChoices, parseArg } of command.options) {
      const words = argChoices ?? (parseArg as { readonly words?: readonly string[] } | undefined)?.words
      if (words !== undefined && typeof long === 'string') values.set(`${path} ${long}`, words)
    }
    for (const child of command.commands) visit(child, `${path} ${child.name()}`.trim())
  }
  visit(program, '')
  return values
}

const optionsOf = (command: Command): readonly string[] =>
  command.options.filter(({ hidden }) => !hidden).map(({ long, short }) => long ?? short ?? '')

export const completionScript = (shell: Shell, words: CommandWords): string =>
  ({ bash: bashScript, zsh: zshScript, fish: fishScript })[shell](words)

const bashScript = (words: CommandWords): string => `_waggle() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" words="" word
  ${bashLookup(words)}
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if _waggle_words "\${path:+$path }$word"; then path="\${path:+$path }$word"; fi
  done
  _waggle_words "$path \${COMP_WORDS[COMP_CWORD-1]}" || _waggle_words "$path"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ "\${#COMPREPLY[@]}" -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _waggle waggle
`

/** A function that sets \`words\` and fails where there is no such command; older versions of bash have no tables. */
const bashLookup = (words: CommandWords): string => `_waggle_words() {
    case "$1" in
${[...words].map(([path, next]) => `      "${path}") words="${next.join(' ')}" ;;`).join('\n')}
      *) return 1 ;;
    esac
  }`

/** zsh reads completions of bash. */
const zshScript = (words: CommandWords): string =>
  `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(words)}`

const fishScript = (words: CommandWords): string =>
  [...words]
    .filter(([path]) => !path.includes('--'))
    .map(([path, next]) => {
      const seen = path.split(' ').filter((word) => word !== '')
      const subcommands = next.filter((word) => !word.startsWith('-'))
      const conditions = [
        ...seen.map((word) => `__fish_seen_subcommand_from ${word}`),
        ...(subcommands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${subcommands.join(' ')}`]),
      ]
      const when = conditions.length === 0 ? '' : ` -n '${conditions.join('; and ')}'`
      const options = next.filter((word) => word.startsWith('--')).map((word) => ` -l ${word.slice(2)}`)
      const commands = subcommands.length === 0 ? [] : [`complete -c waggle -f${when} -a '${subcommands.join(' ')}'`]
      return [...commands, ...options.map((option) => `complete -c waggle${when}${option}`)].join('\n')
    })
    .join('\n') + '\n'
