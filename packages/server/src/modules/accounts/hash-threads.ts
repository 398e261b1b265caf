import { Worker } from 'node:worker_threads'

export interface HashCost {
  /** KiB */
  memoryCost: number
  timeCost: number
}

/** To be hashed, or where there is a stored hash to be compared with it. */
export interface HashQuestion {
  password: string
  stored?: string
  cost?: HashCost
}

/** A thread costs some megabytes and 40 ms to begin: it stays while people sign in, and goes when nobody does. */
const idleMs = 60_000

const here = new URL(import.meta.url)
/** In a build, where all files lie in one folder, it is a program of its own. */
const program = new URL(here.pathname.endsWith('.ts') ? 'hash-thread.ts' : 'hash-thread.js', here)

/** Argon2id in threads of lower priority than the one that answers requests. Whoever asks bounds how many run at once. */
class HashThreads {
  readonly #idle: { worker: Worker; timer: NodeJS.Timeout }[] = []

  async hash(password: string, cost: HashCost): Promise<string> {
    return (await this.#ask({ password, cost })) as string
  }

  /** Throws for a stored hash that is none. */
  async verify(stored: string, password: string): Promise<boolean> {
    return (await this.#ask({ password, stored })) as boolean
  }

  async #ask(question: HashQuestion): Promise<string | boolean> {
    const worker = this.#take()
    try {
      const answer = await replyOf(worker, question)
      this.#keep(worker)
      if ('failure' in answer) throw new Error(answer.failure)
      return answer.result
    } finally {
      // A command ends when it has nothing left to do.
      worker.unref()
    }
  }

  #take(): Worker {
    const idle = this.#idle.pop()
    if (!idle) return new Worker(program, { name: 'passwords' })
    clearTimeout(idle.timer)
    idle.worker.ref()
    return idle.worker
  }

  #keep(worker: Worker): void {
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((each) => each.worker === worker),
        1,
      )
      void worker.terminate()
    }, idleMs)
    timer.unref()
    this.#idle.push({ worker, timer })
  }
}

type HashAnswer = { result: string | boolean } | { failure: string }

/** Without `once` and its signals: an error for each listener that is given up was a tenth of what a question costs. */
function replyOf(worker: Worker, question: HashQuestion): Promise<HashAnswer> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      worker.off('message', answered)
      worker.off('error', failed)
      worker.off('exit', ended)
    }
    const answered = (answer: HashAnswer) => {
      settle()
      resolve(answer)
    }
    const failed = (error: unknown) => {
      settle()
      reject(error)
    }
    const ended = (code: number) => failed(new Error(`The thread that hashes passwords ended (${code})`))
    worker.on('message', answered)
    worker.on('error', failed)
    worker.on('exit', ended)
    worker.postMessage(question)
  })
}

/** They keep nothing between two questions, so all of a process share them. */
export const hashThreads = new HashThreads()
