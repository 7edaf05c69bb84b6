/**
 * A command of the tree: commander's, with our way of saying that it was called wrongly.
 *
 * U1  What is wrong is thrown as a `UsageError` that names the command, so that it is printed in one place and form.
 * U2  A misspelt option is named before a required one that is missing: mostly it is the very same.
 */
import { Command, type ErrorOptions, type HelpContext } from 'commander'
import { UsageError } from './faults.ts'

export class WaggleCommand extends Command {
  override createCommand(name?: string): WaggleCommand {
    return new WaggleCommand(name)
  }

  /** U1 */
  override error(message: string, options?: ErrorOptions): never {
    if (options?.code === 'commander.missingMandatoryOptionValue') this.#refuseUnknownOption()
    throw new UsageError(message.replace(/^error: /, ''), pathOf(this))
  }

  /** `waggle help nonsense` is as wrong as `waggle nonsense`. */
  override help(context?: HelpContext | ((text: string) => string)): never {
    const [first, name] = this.args
    const isError = typeof context === 'object' && context.error
    if (isError && first === 'help' && name !== undefined) this.error(`unknown command '${name}'`)
    return super.help(context as HelpContext)
  }

  /** U2. Commander looks for what is missing first, and suggests the nearest name in a method of its own. */
  #refuseUnknownOption(): void {
    const unknown = this.args.find((word) => word.startsWith('-') && word !== '-')
    if (unknown !== undefined) (this as unknown as { unknownOption(flag: string): void }).unknownOption(unknown)
  }
}

/** `waggle collective create`. */
const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
