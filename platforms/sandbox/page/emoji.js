// The usual :names: and their characters; a name that is not here stays as it was typed.

const table = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|wave 👋|pray 🙏|clap 👏|ok_hand 👌|raised_hands 🙌|muscle 💪|point_right 👉|eyes 👀|handshake 🤝|writing_hand ✍️
smile 😄|slightly_smiling_face 🙂|grinning 😀|joy 😂|wink 😉|blush 😊|heart_eyes 😍|thinking_face 🤔|neutral_face 😐|cry 😢|sob 😭|angry 😠|rage 😡|tired_face 😫|sweat_smile 😅|worried 😟|confused 😕|disappointed 😞|sunglasses 😎|robot_face 🤖|bust_in_silhouette 👤|busts_in_silhouette 👥
heart ❤️|broken_heart 💔|blue_heart 💙|green_heart 💚|fire 🔥|sparkles ✨|star ⭐|tada 🎉|rocket 🚀|100 💯|boom 💥|zap ⚡
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|no_entry ⛔|no_entry_sign 🚫|warning ⚠️|rotating_light 🚨|exclamation ❗|question ❓|grey_question ❔|information_source ℹ️|bulb 💡|bangbang ‼️
red_circle 🔴|large_blue_circle 🔵|blue_circle 🔵|white_circle ⚪|black_circle ⚫|large_green_circle 🟢|green_circle 🟢|large_yellow_circle 🟡|yellow_circle 🟡|large_orange_circle 🟠|orange_circle 🟠|large_purple_circle 🟣|white_small_square ▫️|black_small_square ▪️|large_green_square 🟩|large_orange_square 🟧|large_red_square 🟥|large_yellow_square 🟨
hourglass ⌛|hourglass_flowing_sand ⏳|alarm_clock ⏰|stopwatch ⏱️|timer_clock ⏲️|clock1 🕐|clock3 🕒|clock9 🕘|clock10 🕙|calendar 📆|date 📅|spiral_calendar_pad 🗓️|watch ⌚
sunrise 🌅|city_sunset 🌆|sunny ☀️|crescent_moon 🌙|moon 🌔|night_with_stars 🌃|zzz 💤|coffee ☕|palm_tree 🌴|christmas_tree 🎄|umbrella ☔|partly_sunny ⛅|rainbow 🌈
bird 🐦|baby_chick 🐤|dove_of_peace 🕊️|bee 🐝|dog 🐶|cat 🐱
email 📧|envelope ✉️|incoming_envelope 📨|envelope_with_arrow 📩|mailbox 📫|mailbox_with_mail 📬|inbox_tray 📥|outbox_tray 📤|package 📦|speech_balloon 💬|left_speech_bubble 🗨️|thought_balloon 💭|mega 📣|loudspeaker 📢|bell 🔔|no_bell 🔕|telephone_receiver 📞|phone ☎️|iphone 📱|globe_with_meridians 🌐|earth_africa 🌍
lock 🔒|unlock 🔓|closed_lock_with_key 🔐|key 🔑|shield 🛡️|pushpin 📌|round_pushpin 📍|paperclip 📎|link 🔗|memo 📝|pencil ✏️|pencil2 ✏️|clipboard 📋|card_index 📇|bookmark 🔖|label 🏷️|notebook 📓|book 📖|books 📚|page_facing_up 📄|newspaper 📰|ticket 🎫|receipt 🧾|moneybag 💰|credit_card 💳|shopping_trolley 🛒|gift 🎁|truck 🚚|wrench 🔧|hammer_and_wrench 🛠️|gear ⚙️|mag 🔍|chart_with_upwards_trend 📈|bar_chart 📊|door 🚪|office 🏢|house 🏠|headphones 🎧|camera 📷
arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|arrow_upper_right ↗️|arrow_right_hook ↪️|leftwards_arrow_with_hook ↩️|arrows_counterclockwise 🔄|repeat 🔁|fast_forward ⏩|double_vertical_bar ⏸️|arrow_forward ▶️|black_square_for_stop ⏹️|heavy_plus_sign ➕|heavy_minus_sign ➖|scissors ✂️|recycle ♻️|new 🆕|ok 🆗|sos 🆘|end 🔚|soon 🔜|back 🔙|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣
`;

const known = new Map();
for (const entry of table.trim().split(/[|\n]/)) {
  const [name, character] = entry.split(" ");
  known.set(name, character);
}

export const emoji = (name) => known.get(name.replace(/::skin-tone-\d$/, "")) || null;
