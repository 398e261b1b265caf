// Sending answers when its unit of work is done and not yet committed: a kill in between loses what was acknowledged.
import { rewrite } from './rewrite.ts'

const answeringEarly = `((work) =>
  new Promise((resolve, reject) => {
    const commitLater = async (uow) => {
      resolve(await work(uow))
      await new Promise((done) => setTimeout(done, 250))
    }
    database.unitOfWork(commitLater).catch(reject)
  }))`

rewrite({
  'modules/messaging/messages.service': [['return database.unitOfWork(', `return ${answeringEarly}(`]],
  'modules/messaging/plain-sends': [['return database.unitOfWork(', `return ${answeringEarly}(`]],
})
