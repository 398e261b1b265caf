// Shows what the server pushes, and opens its place. It keeps nothing and answers no requests of pages.
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('push', (event) => {
  let told = {}
  try {
    told = event.data?.json() ?? {}
  } catch {
    // Browsers want to see something for each push, also for one that cannot be read.
  }
  const { id, title = 'Atrium', body, url = '/' } = told
  const options = { body: body ?? '', tag: id, icon: '/icon-192.png', badge: '/icon-192.png', data: { url } }
  event.waitUntil(self.registration.showNotification(title, options))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const target = new URL(event.notification.data?.url ?? '/', self.location.origin)
  // Never another site, whatever a push says.
  const href = target.origin === self.location.origin ? target.href : self.location.origin
  event.waitUntil(open(href))
})

async function open(href) {
  const pages = await self.clients.matchAll({ type: 'window' })
  const page = pages.find((each) => each.visibilityState === 'visible') ?? pages[0]
  if (!page) return self.clients.openWindow(href)
  await page.focus()
  return page.navigate(href)
}
