import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { Id, Problem } from '../../platform/http/schemas.ts'
import { AvatarAnswer, acceptPictures, PictureForm, readPicture } from '../files/index.ts'
import type { Messaging } from './messaging.service.ts'

const tags = ['conversations']
const Params = Type.Object({ id: Id })

/** The picture of a group or channel. */
export const pictureRoutes =
  ({ pictures, files }: Messaging): FastifyPluginAsyncTypebox =>
  async (app) => {
    // Apart from the others, because only here a form is read.
    await app.register(async (form: typeof app) => {
      await acceptPictures(form)
      form.put('/conversations/:id/avatar', {
        config: { access: { permission: 'conversations:update' } },
        // The form is read as a stream.
        validatorCompiler: () => () => true,
        schema: {
          operationId: 'setConversationPicture',
          summary: 'Give a group or channel a picture, as an administrator of it; it is cut to a square and made anew',
          tags,
          params: Params,
          consumes: ['multipart/form-data'],
          body: PictureForm,
          response: {
            ...{ 200: AvatarAnswer, 400: Problem, 403: Problem, 404: Problem, 409: Problem, 413: Problem },
            ...{ 415: Problem, 422: Problem, 429: Problem, 503: Problem, 507: Problem },
          },
        },
        handler: async (request) => {
          const { id } = request.params as Static<typeof Params>
          return { avatar: await pictures.set(request.actor, id, await readPicture(request, files)) }
        },
      })
    })

    app.delete('/conversations/:id/avatar', {
      config: { access: { permission: 'conversations:update' } },
      schema: {
        operationId: 'removeConversationPicture',
        summary: 'Take the picture of a group or channel away, as an administrator of it',
        tags,
        params: Params,
        response: { 204: Type.Null(), 403: Problem, 404: Problem, 409: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await pictures.remove(actor, params.id)
        return reply.code(204).send(null)
      },
    })
  }
