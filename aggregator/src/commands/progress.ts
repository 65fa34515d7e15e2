/** How far long work has come: a bar on a terminal, a line now and then elsewhere. */
import { Presets, SingleBar } from 'cli-progress'
import type { Effects } from '../effects.ts'
import type { Log } from '../runtime/log.ts'

export interface Progress {
  update(done: number, total: number, label: string): void
  /** Takes the bar away. Must be called before anything else is printed for good. */
  stop(): void
}

const MS_BETWEEN_LINES = 10_000
/** Work shorter than this needs no bar. */
const STEPS_WORTH_SHOWING = 5

/** Progress of `what` ("Replaying"), in steps. */
export function createProgress(what: string, { errors, now }: Effects, log: Log): Progress {
  return errors.isTTY ? progressBar(what, errors) : progressLines(what, now, log)
}

function progressBar(what: string, stream: NodeJS.WritableStream): Progress {
  const bar = new SingleBar(
    {
      format: `${what} {bar} {value}/{total} {label}`,
      stream,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  )
  return {
    update(done, total, label) {
      if (total < STEPS_WORTH_SHOWING) return
      if (bar.isActive) bar.update(done, { label })
      else bar.start(total, done, { label })
    },
    stop: () => bar.stop(),
  }
}

function progressLines(what: string, now: () => Date, log: Log): Progress {
  let next = now().getTime() + MS_BETWEEN_LINES
  return {
    update(done, total, label) {
      if (now().getTime() < next) return
      next = now().getTime() + MS_BETWEEN_LINES
      log.info(`${what}: ${done} of ${total}, ${label}`)
    },
    stop: () => {},
  }
}
