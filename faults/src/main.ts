/** The command. */
process.stdout.write('not built yet\n')
