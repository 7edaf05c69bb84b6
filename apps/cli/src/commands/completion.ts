/** `waggle completion bash|zsh|fish`: a script for the shell, made from the tree of commands. */
import { Argument, type Command } from 'commander'
import type { Bind } from '../cli.ts'
import { completionScript, shells, wordsOf, type Shell } from '../completion/scripts.ts'

export const addCompletionCommand = (program: Command, bind: Bind): void => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'whose script').choices(shells))
    .description('print a completion script, such as: source <(waggle completion bash)')
    .action(
      bind(async ({ output }, shell: Shell) => {
        const script = completionScript(shell, wordsOf(program))
        await output.data({ shell, script }, () => script.trimEnd().split('\n'))
        return 0
      }),
    )
}
