/** What this process holds open: nothing, once its work is done, however that ended. */
import { readdirSync, readlinkSync } from 'node:fs'

/** The files below `folder` that are open. */
export function openBelow(folder: string): string[] {
  return readdirSync('/proc/self/fd')
    .map((fd) => targetOf(`/proc/self/fd/${fd}`))
    .filter((path) => path.startsWith(`${folder}/`))
}

/** The list was read by one that is closed by now. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
