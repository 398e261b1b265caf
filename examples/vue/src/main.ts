import '../../chat.css'
import { createApp } from 'vue'
import App from './App.vue'
import { client } from './client.ts'

// Connected whenever somebody is signed in, from now on.
client.live.connect()
createApp(App).mount('#app')
