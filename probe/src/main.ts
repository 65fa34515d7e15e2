/** The program: the commands of cli.ts with the machine's own effects. */
import { run, systemEffects } from './cli.ts'

void run(process.argv.slice(2), systemEffects()).then((code) => {
  process.exitCode = code
})
