import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Unmounts when its input ends: however this process ends, and whoever is interrupted, the disk does not stay behind. */
const keeper = `trap '' INT TERM HUP; cat >/dev/null; umount -l "$1"; rmdir "$1"`

const topUpMs = 50

/** A disk of memory with little room, which can be full. */
export class SmallDisk {
  readonly path: string
  readonly #keeper: ReturnType<typeof keep>
  #toppingUp: NodeJS.Timeout | undefined

  private constructor(path: string) {
    this.path = path
    this.#keeper = keep(path)
  }

  /** Why there can be none here, if so. */
  static impossible(): string | undefined {
    if (process.platform !== 'linux') return 'small disks are made on Linux only'
    if (process.getuid?.() !== 0) return 'only root may mount a disk'
    try {
      const probe = mount(1)
      execFileSync('umount', [probe])
      rmSync(probe, { recursive: true })
      return undefined
    } catch (error) {
      return `no disk can be mounted here: ${error}`
    }
  }

  static make(megabytes: number): SmallDisk {
    return new SmallDisk(mount(megabytes))
  }

  /** Leaves at most so many bytes free, and takes what others free meanwhile. */
  fill(leave = 0): void {
    this.free()
    this.#topUp(leave)
    this.#toppingUp = setInterval(() => this.#topUp(leave), topUpMs)
  }

  /** Full while the work is done, however that ends. */
  async whileFull<T>(work: () => Promise<T>): Promise<T> {
    this.fill()
    try {
      return await work()
    } finally {
      this.free()
    }
  }

  free(): void {
    clearInterval(this.#toppingUp)
    rmSync(this.#ballast, { force: true })
  }

  get #ballast(): string {
    return join(this.path, 'ballast')
  }

  #topUp(leave: number): void {
    const { bavail, bsize } = statfsSync(this.path)
    const file = openSync(this.#ballast, 'a')
    try {
      for (let left = bavail * bsize - leave; left > 0; left -= bsize) writeSync(file, Buffer.alloc(bsize))
    } catch {
      // Somebody else took the rest.
    } finally {
      closeSync(file)
    }
  }

  async remove(): Promise<void> {
    this.free()
    const ended = once(this.#keeper, 'exit')
    this.#keeper.stdin.end()
    await ended
  }
}

function mount(megabytes: number): string {
  const path = mkdtempSync(join(tmpdir(), 'atrium-small-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=777`, 'atrium-small-disk', path], {
    stdio: 'pipe',
  })
  return path
}

const keep = (path: string) =>
  spawn('sh', ['-c', keeper, 'sh', path], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
