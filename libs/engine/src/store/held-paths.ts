/**
 * The paths that this process holds open for itself, whichever copy of this module or part of the program asks: it
 * hangs on `globalThis`, which one thread shares. (Other threads are kept out by the lock file.)
 *
 * It comes before every other lock, because LevelDB's own does not bear a second attempt from the same process: the
 * refused one closes LevelDB's LOCK file, and that alone drops the fcntl lock of the first.
 */
const REGISTRY = Symbol.for('@waggle/engine/held-paths')

const heldPaths = (): Set<string> => {
  const thread = globalThis as { [REGISTRY]?: Set<string> | undefined }
  return (thread[REGISTRY] ??= new Set())
}

/**
 * Takes `realPath` (symbolic links resolved) for the caller, who gets the function that gives it back, or `undefined`
 * when it is taken.
 */
export const holdPath = (realPath: string): (() => void) | undefined => {
  const held = heldPaths()
  if (held.has(realPath)) return undefined
  held.add(realPath)
  return () => {
    held.delete(realPath)
  }
}
