import { client } from '../../app/client.ts'

export type PushState = 'unsupported' | 'refused' | 'off' | 'on'
export type PushAnswer = 'on' | 'refused' | 'dismissed'

const isSupported = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

const keyBytes = (key: string): Uint8Array<ArrayBuffer> => {
  const base64 = key.replaceAll('-', '+').replaceAll('_', '/')
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}

async function ownSubscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration('/')
  return (await registration?.pushManager.getSubscription()) ?? null
}

const listed = async () => (await client.api.GET('/api/v1/users/me/push-subscriptions')).data

/** Whether this browser is told by push, as far as both it and the server know. */
export async function readPushState(): Promise<PushState> {
  if (!isSupported()) return 'unsupported'
  if (Notification.permission === 'denied') return 'refused'
  const [own, known] = await Promise.all([ownSubscription(), listed()])
  return own && known.some(({ current }) => current) ? 'on' : 'off'
}

/** Only after a click: browsers ask the person, and remember a no. */
export async function startPush(): Promise<PushAnswer> {
  const permission = await Notification.requestPermission()
  if (permission !== 'granted') return permission === 'denied' ? 'refused' : 'dismissed'
  await navigator.serviceWorker.register('/sw.js')
  const registration = await navigator.serviceWorker.ready
  const { public_key } = await client.api.GET('/api/v1/push/vapid-key')
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: keyBytes(public_key),
  })
  const { endpoint, keys } = subscription.toJSON()
  if (!endpoint || !keys?.p256dh || !keys.auth) throw new Error('The browser gave an incomplete subscription')
  await client.api.POST('/api/v1/users/me/push-subscriptions', {
    body: { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } },
  })
  return 'on'
}

export async function stopPush(): Promise<void> {
  const current = (await listed()).filter((each) => each.current)
  for (const { id } of current) {
    await client.api.DELETE('/api/v1/users/me/push-subscriptions/{id}', { params: { path: { id } } })
  }
  await (await ownSubscription())?.unsubscribe()
}
