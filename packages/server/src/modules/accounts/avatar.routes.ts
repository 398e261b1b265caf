import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { AvatarAnswer, acceptPictures, type FilesService, PictureForm, readPicture } from '../files/index.ts'
import type { AvatarsService } from './avatars.service.ts'

const tags = ['accounts']

export interface AvatarRoutesDependencies {
  avatars: AvatarsService
  files: FilesService
}

/** The picture of the caller. */
export const avatarRoutes =
  ({ avatars, files }: AvatarRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    // Apart from the others, because only here a form is read.
    await app.register(async (form: typeof app) => {
      await acceptPictures(form)
      form.put('/users/me/avatar', {
        config: { access: { permission: 'account:update' } },
        // The form is read as a stream.
        validatorCompiler: () => () => true,
        schema: {
          operationId: 'setAvatar',
          summary: 'Take another picture: it is cut to a square, made anew and loses its metadata',
          description: 'A form with the picture in `file` or `profile_picture`.',
          tags,
          consumes: ['multipart/form-data'],
          body: PictureForm,
          response: {
            ...{ 200: AvatarAnswer, 400: Problem, 401: Problem, 413: Problem, 415: Problem, 422: Problem },
            ...{ 429: Problem, 503: Problem, 507: Problem },
          },
        },
        handler: async (request) => ({
          avatar: await avatars.set(request.actor, await readPicture(request, files)),
        }),
      })
    })

    app.delete('/users/me/avatar', {
      config: { access: { permission: 'account:update' } },
      schema: {
        operationId: 'removeAvatar',
        summary: 'Have no picture any more',
        tags,
        response: { 204: Type.Null(), 401: Problem },
      },
      handler: async ({ actor }, reply) => {
        await avatars.remove(actor)
        return reply.code(204).send(null)
      },
    })
  }
