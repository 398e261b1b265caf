import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where Atrium runs. The page asks its own address, and Vite passes on what is Atrium's: no CORS, cookies of one site. */
const target = process.env.ATRIUM_URL ?? 'http://localhost:8000'

export default defineConfig({
  plugins: [react()],
  server: {
    port: Number(process.env.PORT ?? 5174),
    strictPort: true,
    proxy: { '/api': target, '/socket.io': { target, ws: true } },
  },
})
