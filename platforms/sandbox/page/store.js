// What the page knows: everything the server told, as the acting person sees it.

import { dayKey } from "./dates.js";

export const store = {
  ready: false,
  run: "",
  me: "",
  zone: "UTC",
  people: {},
  acting: [],
  groups: {},
  channels: {},
  order: [],
  commands: [],
  account: {},
  clock: { now: "1970-01-01T00:00:00Z", rate: 0, state: "paused", jumps: [] },
  clockHeard: 0,
  ephemerals: [],
  views: [],
  home: null, // the app's Home tab, as the bot drew it for the acting person
  atHome: false,
  shortcuts: [],
  columns: { x: [], x_direct: [], facebook: [], messenger: [] },
  wire: [],
  frames: [],
  steps: { done: [], number: null },
  trouble: [],
  troubles: {},
  current: "",
  thread: null, // { channel, ts, replies: Map }
  epoch: 0, // grows when every drawn message is out of date: another person, another day
  read: {},

  /** Story time at this moment: what the clock last said, carried on at its rate. */
  now() {
    const since = performance.now() - this.clockHeard;
    const said = Date.parse(this.clock.now);
    return new Date(said + (this.clock.jumping ? 0 : since * this.clock.rate));
  },
  myself() {
    return this.people[this.me] || { id: this.me, name: this.me, short: this.me, zone: "UTC", role: "" };
  },
  myGroups() {
    return Object.entries(this.groups).filter(([, group]) => group.users.includes(this.me)).map(([id]) => id);
  },
};

const key = () => `frontdesk-${store.run}`;

export function remember() {
  try {
    localStorage.setItem(key(), JSON.stringify(store.read));
  } catch { /* a browser without storage forgets what was read, and that is all */ }
}

export function hello(said) {
  const before = store.me;
  const sameRun = store.run === said.run;
  const newDay = () => dayKey(store.now(), store.zone);
  Object.assign(store, {
    ready: true, run: said.run, me: said.me, people: said.people, acting: said.acting, groups: said.groups,
    commands: said.commands, account: said.account, ephemerals: said.ephemerals, views: said.views, home: said.home, shortcuts: said.shortcuts,
    columns: said.columns, wire: said.wire, frames: said.frames, steps: said.steps, trouble: said.trouble,
    troubles: said.troubles, clock: said.clock, clockHeard: performance.now(),
  });
  store.zone = store.myself().zone;
  store.day = newDay();
  store.epoch += 1;
  if (!sameRun) {
    try {
      store.read = JSON.parse(localStorage.getItem(key()) || "{}");
    } catch {
      store.read = {};
    }
  }
  store.channels = {};
  store.order = [];
  for (const channel of said.channels) {
    store.order.push(channel.id);
    store.channels[channel.id] = {
      ...channel,
      messages: new Map(channel.messages.map((message) => [message.ts, message])),
      marks: new Map(channel.reply_marks.map(([ts, thread, calls]) => [ts, { thread, calls }])),
    };
  }
  if (!store.channels[store.current]) store.current = store.order[0] || "";
  if (store.thread && !store.channels[store.thread.channel]) store.thread = null;
  return { newPerson: before !== "" && before !== said.me, sameRun };
}

/** Ids of people and groups that a message calls. */
export function calls(message) {
  const said = JSON.stringify([message.text || "", message.blocks || []]);
  const found = new Set();
  for (const match of said.matchAll(/<@(U\w+)|<!subteam\^(S\w+)/g)) found.add(match[1] || match[2]);
  return [...found];
}

export function putMessage(change) {
  const channel = store.channels[change.channel];
  if (!channel) return;
  const { message } = change;
  const isReply = message.thread_ts && message.thread_ts !== message.ts;
  if (isReply) {
    if (change.gone) channel.marks.delete(message.ts);
    else if (message.user !== store.me) channel.marks.set(message.ts, { thread: message.thread_ts, calls: calls(message) });
    const open = store.thread;
    if (open && open.channel === change.channel && open.ts === message.thread_ts) {
      if (change.gone) open.replies.delete(message.ts);
      else open.replies.set(message.ts, message);
    }
    if (message.subtype !== "thread_broadcast") return;
  }
  if (change.gone) channel.messages.delete(message.ts);
  else channel.messages.set(message.ts, message);
}

export function readUpTo(channel) {
  const mine = (store.read[store.me] ||= {});
  const place = store.channels[channel];
  if (!place) return;
  let newest = mine[channel] || "0";
  for (const ts of [...place.messages.keys(), ...place.marks.keys()]) if (ts > newest) newest = ts;
  if (newest !== mine[channel]) {
    mine[channel] = newest;
    remember();
  }
}

export function unread(channel) {
  const place = store.channels[channel];
  const since = (store.read[store.me] || {})[channel] || "0";
  const me = [store.me, ...store.myGroups()];
  let news = 0;
  let pings = 0;
  for (const [ts, message] of place.messages) {
    if (ts <= since || message.user === store.me) continue;
    news += 1;
    if (calls(message).some((id) => me.includes(id))) pings += 1;
  }
  for (const [ts, mark] of place.marks) if (ts > since && mark.calls.some((id) => me.includes(id))) pings += 1;
  return { news, pings };
}
