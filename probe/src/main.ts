/** The program: the commands of cli.ts with the machine's own effects. */
import { run, systemEffects } from './cli.ts'

let isOutputLost = false
// Until the work is done it has failed: node may end for want of anything to wait for.
process.exitCode = 3

void run(process.argv.slice(2), systemEffects()).then((code) => {
  process.exitCode = code
})

// Whoever reads our output may stop reading (`| head`), or have no room left: the work goes on all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') isOutputLost = true
  })
}

// At the very end: that the last words were lost is told after `run` has ended.
process.once('exit', (code) => {
  if (code === 0 && isOutputLost) process.exitCode = 1
})
