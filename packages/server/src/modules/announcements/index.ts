export { announcementRoutes } from './announcements.routes.ts'
export { Announcements } from './announcements.service.ts'
