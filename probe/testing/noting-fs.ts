/** The real file system, which writes down in which order things are done: what is written, what waits for the disk. */
import * as nodeFs from 'node:fs/promises'

/**
 * Its calls on files below `folder`, in their order, as `sync poulailler/2026-11-22`; of the folder itself, `sync .`.
 * What only reads is left out.
 */
export function notingFs(folder: string) {
  const trail: string[] = []
  const note = (what: string, path: unknown) => {
    trail.push(`${what} ${String(path).slice(folder.length + 1) || '.'}`)
  }
  const open: typeof nodeFs.open = async (path, ...rest) => {
    const file = await nodeFs.open(path, ...rest)
    const { writeFile, appendFile, sync, datasync } = file
    return Object.assign(file, {
      writeFile: (...args: Parameters<typeof writeFile>) => {
        note('write', path)
        return writeFile.apply(file, args)
      },
      appendFile: (...args: Parameters<typeof appendFile>) => {
        note('append', path)
        return appendFile.apply(file, args)
      },
      sync: () => {
        note('sync', path)
        return sync.apply(file)
      },
      datasync: () => {
        note('datasync', path)
        return datasync.apply(file)
      },
    })
  }
  const fs: typeof nodeFs = {
    ...nodeFs,
    open,
    writeFile: (path, ...rest) => {
      note('write', path)
      return nodeFs.writeFile(path, ...rest)
    },
    link: (from, to) => {
      note('link', to)
      return nodeFs.link(from, to)
    },
    unlink: (path) => {
      note('unlink', path)
      return nodeFs.unlink(path)
    },
  }
  return { fs, trail }
}
