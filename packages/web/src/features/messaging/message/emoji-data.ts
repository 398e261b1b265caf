/** Each line: an emoji and the words it is found by, the first of which is its name. */
const faces = `
😀 grin smile happy
😃 smiley happy joy
😄 laugh smile happy
😁 beam grin teeth
😆 laughing haha
😅 sweat relief nervous
😂 tears joy laugh lol
🤣 rolling floor laugh rofl
🙂 slight smile
🙃 upside down silly
😉 wink
😊 blush smile warm
😇 angel halo innocent
🥰 hearts love adore
😍 heart eyes love
🤩 star struck wow
😘 kiss love
😋 yum tasty delicious
😛 tongue playful
😜 wink tongue crazy
🤪 zany silly
🤗 hug
🤭 giggle oops
🤫 quiet shush secret
🤔 thinking hmm
🤨 doubt eyebrow
😐 neutral meh
😶 silent speechless
😏 smirk
🙄 eye roll
😬 grimace awkward
😌 relieved calm
😔 sad pensive
😪 sleepy tired
😴 sleeping zzz
😷 mask ill
🤒 fever ill
🤕 hurt bandage
🤢 sick nausea
🤯 mind blown exploding
🥳 party celebrate birthday
😎 cool sunglasses
🤓 nerd glasses
🧐 monocle curious
😕 confused
😟 worried
🙁 frown sad
😮 surprised wow open
😲 astonished shock
😳 flushed embarrassed
🥺 pleading please
😢 cry sad tear
😭 sobbing cry
😱 scream fear
😖 confounded
😞 disappointed
😩 weary
😤 huff proud
😠 angry
😡 rage angry
🤬 swearing
💀 skull dead
🤡 clown
👻 ghost
👽 alien
🤖 robot
😺 cat smile
🙈 see no evil monkey
`
const people = `
👍 thumbs up yes good like ok
👎 thumbs down no bad
👌 perfect ok hand
✌️ victory peace
🤞 fingers crossed luck
🤟 love you gesture
🤘 rock horns
🤙 call me shaka
👈 left point
👉 right point
👆 up point
👇 down point
☝️ index up
✋ raised hand stop
👋 wave hello bye
🤚 back of hand
🖖 vulcan
👏 clap applause bravo
🙌 hooray hands raised
👐 open hands
🤲 palms together
🤝 handshake deal agree
🙏 thanks please pray
✍️ writing
💪 strong muscle
🧠 brain smart
👀 eyes look
👁️ eye
🫶 heart hands
🙋 raising hand question
🤷 shrug dunno
🤦 facepalm
🙅 no gesture
🙆 ok gesture
💁 tipping hand
🧑‍💻 coder developer
👶 baby
🕺 dance man
💃 dance woman
🏃 run
🚶 walk
`
const hearts = `
❤️ heart love red
🧡 orange heart
💛 yellow heart
💚 green heart
💙 blue heart
💜 purple heart
🖤 black heart
🤍 white heart
🤎 brown heart
💔 broken heart
💕 two hearts
💖 sparkling heart
💯 hundred perfect
💥 boom collision
💫 dizzy star
💦 drops sweat
💨 dash wind fast
✨ sparkles new magic
⭐ star
🌟 glowing star
🔥 fire hot lit
🎉 party tada celebrate
🎊 confetti
✅ check done yes
☑️ ticked box
✔️ tick
❌ cross no wrong
❗ exclamation
❓ question
⚠️ warning
🚫 forbidden
♻️ recycle
➕ plus
➖ minus
💤 sleep zzz
`
const nature = `
🐶 dog
🐱 cat
🐭 mouse
🐰 rabbit
🦊 fox
🐻 bear
🐼 panda
🐨 koala
🦁 lion
🐮 cow
🐷 pig
🐸 frog
🐔 chicken
🐧 penguin
🦉 owl
🦄 unicorn
🐝 bee
🦋 butterfly
🐢 turtle
🐙 octopus
🐳 whale
🦈 shark
🌵 cactus
🌲 tree
🌱 seedling plant
🍀 clover luck
🌸 blossom flower
🌹 rose
🌻 sunflower
🍁 leaf autumn
☀️ sun
🌙 moon
⛅ cloud sun
🌧️ rain
⛈️ storm
❄️ snow
🌈 rainbow
🌊 wave sea
🌍 earth world
`
const food = `
🍎 apple
🍌 banana
🍇 grapes
🍓 strawberry
🍒 cherries
🍑 peach
🍋 lemon
🍉 melon
🥑 avocado
🍅 tomato
🥕 carrot
🌽 corn
🍞 bread
🥐 croissant
🧀 cheese
🥚 egg
🍔 burger
🍟 fries
🍕 pizza
🌮 taco
🥗 salad
🍝 pasta
🍜 noodles ramen
🍣 sushi
🍰 cake
🎂 birthday cake
🍪 cookie
🍫 chocolate
🍿 popcorn
☕ coffee
🍵 tea
🍺 beer
🍻 cheers beers
🍷 wine
🥂 toast glasses
🍾 champagne
`
const things = `
⚽ football soccer
🏀 basketball
🎾 tennis
🏆 trophy win
🥇 gold medal first
🎯 target bullseye
🎮 game controller
🎲 dice
🎵 music note
🎸 guitar
🎨 art paint
🎬 film clapper
📷 camera
🚗 car
🚕 taxi
🚌 bus
🚲 bicycle
🚂 train
✈️ plane travel
🚀 rocket launch ship
⛵ boat
🏠 house home
🏢 office
🏖️ beach
⛰️ mountain
🏕️ camping
💡 idea bulb
🔦 torch
💻 laptop computer
📱 phone
⌚ watch
⏰ alarm clock
⏳ hourglass wait
📅 calendar date
📌 pin
📎 paperclip
✏️ pencil
📝 memo note
📚 books
📖 read book
📦 package
📧 mail
📣 megaphone
🔔 bell
🔍 search
🔒 lock
🔑 key
🔧 wrench fix
🔨 hammer
⚙️ gear settings
🧪 test tube
🐛 bug
💰 money
🎁 gift present
🎈 balloon
👑 crown
💎 gem
🕯️ candle
🛒 cart shop
🏁 finish flag
🚩 flag
🏳️‍🌈 rainbow flag
`

const names = new Map<string, string>()
const listOf = (lines: string): string[] =>
  lines
    .trim()
    .split('\n')
    .map((line) => {
      const end = line.indexOf(' ')
      const emoji = line.slice(0, end)
      names.set(emoji, line.slice(end + 1))
      return emoji
    })

export const emojiGroups = [
  { key: 'faces', emoji: listOf(faces) },
  { key: 'people', emoji: listOf(people) },
  { key: 'hearts', emoji: listOf(hearts) },
  { key: 'nature', emoji: listOf(nature) },
  { key: 'food', emoji: listOf(food) },
  { key: 'things', emoji: listOf(things) },
] as const

/** How a screen reader calls it; the emoji itself, which it knows as well, when it is not one of ours. */
export const nameOf = (emoji: string): string => names.get(emoji) ?? emoji

/** Those with a word that begins with each word of the search. */
export function findEmoji(search: string): string[] {
  const wanted = search.trim().toLowerCase().split(/\s+/)
  return [...names].flatMap(([emoji, words]) => {
    const known = words.split(' ')
    return wanted.every((each) => emoji === each || known.some((word) => word.startsWith(each))) ? [emoji] : []
  })
}
