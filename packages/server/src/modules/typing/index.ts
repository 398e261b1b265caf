export { TypingService } from './typing.service.ts'
export { typingSocket } from './typing.socket.ts'
