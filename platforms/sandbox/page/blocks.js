// Block Kit as elements: the very JSON that the bot sent, drawn. What is not known is shown as such, never left out.

import { $, h, initials } from "./dom.js";
import { emoji } from "./emoji.js";
import { anchor, date, mention, mrkdwn, plainText, textObject } from "./mrkdwn.js";

/**
 * The blocks of a message or a view. `context`: store; act(block, element, chosen) is called for what is clicked or
 * chosen (after its confirm dialog); values, typed and errors (views only) keep what stands in the inputs.
 */
export function blocks(list, context) {
  return (list || []).map((block) => one(block, context)).filter(Boolean);
}

export function one(block, context) {
  const draw = drawers[block.type];
  const node = draw ? draw(block, context) : h("div", { class: "b-unknown" }, `[${block.type}: this page does not draw it]`);
  if (node && block.block_id) node.dataset.block = block.block_id;
  return node;
}

const drawers = {
  section(block, context) {
    const fields = (block.fields || []).map((field) => h("div", { class: "field" }, ...textObject(field, context.store)));
    return h("div", { class: "b-section" },
      h("div", { class: "words" },
        block.text && h("div", {}, ...textObject(block.text, context.store)),
        fields.length > 0 && h("div", { class: "fields" }, fields)),
      block.accessory && h("div", { class: "accessory" }, element(block.accessory, block, context)));
  },
  header: (block) => h("h3", { class: "b-header" }, ...plainText(block.text)),
  divider: () => h("hr", { class: "b-divider" }),
  context: (block, context) => h("div", { class: "b-context" }, (block.elements || []).map((part) =>
    part.type === "image" ? picture(part, "small") : h("span", {}, ...textObject(part, context.store)))),
  actions: (block, context) => h("div", { class: "b-actions", role: "group" },
    (block.elements || []).map((part) => element(part, block, context))),
  image: (block) => h("figure", { class: "b-image" }, block.title && h("figcaption", {}, ...plainText(block.title)), picture(block)),
  rich_text: (block, context) => h("div", { class: "b-rich" }, (block.elements || []).map((part) => rich(part, context))),
  markdown: (block) => h("div", { class: "b-section" }, block.text),
  input: (block, context) => input(block, context),
  alert: (block, context) => h("div", { class: `b-alert ${block.level || "info"}`, role: "note" }, ...textObject(block.text, context.store)),
};

// A picture from outside is never fetched: the page talks to nobody but this machine.
function picture(part, size = "") {
  return h("span", { class: `picture ${size}`, role: "img", "aria-label": part.alt_text || "image", title: part.image_url || "" },
    part.alt_text || "image");
}

// --- rich text ---------------------------------------------------------------------------------------------------

function rich(part, context) {
  const inside = () => (part.elements || []).map((leaf) => richLeaf(leaf, context));
  if (part.type === "rich_text_section") return h("div", { class: "r-section" }, inside());
  if (part.type === "rich_text_quote") return h("blockquote", {}, inside());
  if (part.type === "rich_text_preformatted") return h("pre", { class: "code" }, inside());
  if (part.type === "rich_text_list") {
    return h(part.style === "ordered" ? "ol" : "ul", { class: `r-list depth-${part.indent || 0}`, start: part.offset ? part.offset + 1 : null },
      (part.elements || []).map((item) => h("li", {}, rich(item, context))));
  }
  return h("div", { class: "b-unknown" }, `[${part.type}]`);
}

function richLeaf(leaf, context) {
  const styled = (...content) => {
    let nodes = content;
    const style = leaf.style || {};
    for (const [name, tag] of [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"], ["underline", "u"]]) {
      if (style[name]) nodes = [h(tag, {}, nodes)];
    }
    return nodes.length === 1 ? nodes[0] : h("span", {}, nodes);
  };
  const { store } = context;
  switch (leaf.type) {
    case "text": {
      const out = [];
      String(leaf.text).split("\n").forEach((line, index) => {
        if (index) out.push(h("br"));
        if (line) out.push(line);
      });
      return out.length ? styled(...out) : "";
    }
    case "link": return styled(anchor(leaf.url, leaf.text || leaf.url));
    case "user": return styled(mention("user", leaf.user_id, store));
    case "usergroup": return styled(mention("group", leaf.usergroup_id, store));
    case "channel": return styled(mention("channel", leaf.channel_id, store));
    case "broadcast": return styled(mention("all", leaf.range, store));
    case "emoji": return styled(h("span", { class: "emoji", role: "img", "aria-label": leaf.name },
      leaf.unicode ? String.fromCodePoint(...leaf.unicode.split("-").map((hex) => parseInt(hex, 16))) : emoji(leaf.name) || `:${leaf.name}:`));
    case "date": return styled(date(leaf.timestamp, leaf.format, leaf.fallback || "", store, leaf.url));
    case "color": return styled(h("code", {}, leaf.value));
    default: return h("span", { class: "b-unknown" }, `[${leaf.type}]`);
  }
}

// --- elements that one can press or choose from -------------------------------------------------------------------

export function element(part, block, context) {
  const fire = (chosen, source) => confirmed(part.confirm, context).then((yes) => yes && context.act(block, part, chosen, source));
  const label = part.accessibility_label || null;
  switch (part.type) {
    case "button": {
      const node = h("button", {
        type: "button", class: `btn ${part.style || ""}`, "aria-label": label, dataset: { action: part.action_id || "" },
        onclick: () => {
          if (part.url) context.visit(part.url);
          fire(undefined, node);
        },
      }, ...plainText(part.text));
      return node;
    }
    case "workflow_button": return h("button", { type: "button", class: "btn", disabled: true }, ...plainText(part.text));
    case "static_select":
    case "external_select":
    case "users_select":
    case "conversations_select":
    case "channels_select": {
      const options = choices(part, context.store);
      const initial = initialValue(part);
      const node = h("select", {
        class: "pick", "aria-label": label || (part.placeholder ? part.placeholder.text : "Choose"), dataset: { action: part.action_id || "" },
        onchange: () => node.value && fire(node.value, node),
      }, placeholder(part, initial), options.map(([value, words]) => h("option", { value, selected: value === initial }, words)));
      return node;
    }
    case "overflow": {
      const menu = h("details", { class: "overflow", dataset: { action: part.action_id || "" } },
        h("summary", { class: "btn", "aria-label": label || "More actions" }, "⋯"),
        h("div", { class: "menu", role: "menu" }, (part.options || []).map((option) => h("button", {
          type: "button", role: "menuitem",
          onclick: () => {
            menu.open = false;
            if (option.url) context.visit(option.url);
            fire(option.value, menu);
          },
        }, ...textObject(option.text, context.store)))));
      return menu;
    }
    case "radio_buttons":
    case "checkboxes": return optionList(part, block, context, (chosen) => fire(chosen));
    case "datepicker":
    case "timepicker": {
      const node = h("input", {
        type: part.type === "datepicker" ? "date" : "time", class: "pick", "aria-label": label || "Choose",
        value: part.initial_date || part.initial_time || "", dataset: { action: part.action_id || "" },
        onchange: () => node.value && fire(node.value, node),
      });
      return node;
    }
    case "image": return picture(part);
    default: return h("span", { class: "b-unknown" }, `[${part.type}]`);
  }
}

const placeholder = (part, initial) =>
  h("option", { value: "", disabled: Boolean(initial), selected: !initial }, part.placeholder ? part.placeholder.text : "Choose…");

function choices(part, store) {
  if (part.type === "users_select") return Object.values(store.people).filter((one) => !one.bot).map((one) => [one.id, one.name]);
  if (part.type.startsWith("c")) return Object.values(store.channels).map((one) => [one.id, `#${one.name}`]);
  const groups = part.option_groups ? part.option_groups.flatMap((group) => group.options) : part.options || [];
  return groups.map((option) => [option.value, option.text.text]);
}

/** The value that an element starts with, as the server wants it: a string, or a list for checkboxes. */
export function initialValue(part) {
  if (part.type === "checkboxes") return (part.initial_options || []).map((option) => option.value);
  if (part.initial_option) return part.initial_option.value;
  return part.initial_value ?? part.initial_user ?? part.initial_date ?? part.initial_time
    ?? part.initial_conversation ?? part.initial_channel ?? "";
}

let groups = 0;

function optionList(part, block, context, changed) {
  const many = part.type === "checkboxes";
  const name = `options-${(groups += 1)}`;
  const kept = context.values && context.values.get(`${block.block_id}|${part.action_id}`);
  const initial = kept ?? initialValue(part);
  const isOn = (value) => (many ? initial.includes(value) : initial === value);
  const holder = h("div", { class: "options", role: many ? "group" : "radiogroup", dataset: { action: part.action_id || "" } },
    (part.options || []).map((option) => h("label", { class: "option" },
      h("input", {
        type: many ? "checkbox" : "radio", name, value: option.value, checked: isOn(option.value),
        onchange: () => {
          const on = [...holder.querySelectorAll("input:checked")].map((one) => one.value);
          changed(many ? on : on[0]);
        },
      }),
      h("span", {}, ...textObject(option.text, context.store),
        option.description && h("small", {}, ...textObject(option.description, context.store))))));
  return holder;
}

// --- inputs of a modal ---------------------------------------------------------------------------------------------

/** Files of this computer, kept as {name, data in base64} until the form is sent; named again where it is redrawn. */
function files(part, id, kept, keep) {
  const named = h("span", { class: "files" }, (kept || []).map((one) => one.name).join(", "));
  const pick = h("input", {
    id, type: "file", multiple: (part.max_files || 10) > 1, dataset: { action: part.action_id || "" },
    accept: (part.filetypes || []).map((kind) => `.${kind}`).join(",") || null,
    onchange: async () => {
      const chosen = await Promise.all([...pick.files].map(async (file) => ({ name: file.name, data: await inBase64(file) })));
      keep(chosen);
      named.textContent = "";
    },
  });
  return h("div", {}, pick, named);
}

const inBase64 = (file) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(String(reader.result).split(",")[1] || "");
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(file);
});

function input(block, context) {
  const part = block.element;
  const key = `${block.block_id}|${part.action_id}`;
  const values = context.values;
  if (values && !values.has(key)) values.set(key, initialValue(part));
  const dispatch = block.dispatch_action === true;
  const keep = (value) => values && values.set(key, value);
  const id = `in-${key.replace(/[^\w-]/g, "_")}`;
  const error = context.errors && context.errors[block.block_id];
  let field;
  if (part.type === "plain_text_input" || part.type === "email_text_input" || part.type === "number_input" || part.type === "url_text_input") {
    const on = (part.dispatch_action_config || {}).trigger_actions_on || ["on_enter_pressed"];
    const live = dispatch && on.includes("on_character_entered");
    field = h(part.multiline ? "textarea" : "input", {
      id, class: "text", type: part.multiline ? null : "text", rows: part.multiline ? 5 : null,
      maxlength: part.max_length || null, placeholder: part.placeholder ? part.placeholder.text : null,
      autofocus: part.focus_on_load, value: values ? values.get(key) : initialValue(part),
      dataset: { action: part.action_id || "", focus: part.focus_on_load ? "1" : "" },
      "aria-invalid": error ? "true" : null, "aria-describedby": `${id}-hint`,
      oninput: () => {
        keep(field.value);
        if (live) context.typed(block, part, field.value);
      },
      onkeydown: (event) => {
        if (event.key === "Enter" && dispatch && !live && !part.multiline) context.typed(block, part, field.value);
      },
    });
  } else if (part.type === "file_input") {
    field = files(part, id, values ? values.get(key) : "", keep);
  } else if (part.type === "radio_buttons" || part.type === "checkboxes") {
    field = optionList(part, block, context, (chosen) => {
      keep(chosen);
      if (dispatch) context.typed(block, part, chosen);
    });
  } else {
    const node = element({ ...part, confirm: null, initial_option: null, initial_user: null }, block, {
      ...context,
      act: (_, __, chosen) => {
        keep(chosen);
        if (dispatch) context.typed(block, part, chosen);
      },
    });
    if (values && values.get(key)) node.value = values.get(key);
    node.id = id;
    field = node;
  }
  const grouped = part.type === "radio_buttons" || part.type === "checkboxes";
  return h("div", { class: `b-input${error ? " wrong" : ""}` },
    grouped
      ? h("div", { class: "label" }, ...plainText(block.label))
      : h("label", { class: "label", for: id }, ...plainText(block.label), block.optional && h("small", {}, " (optional)")),
    field,
    block.hint && h("div", { class: "hint" }, ...plainText(block.hint)),
    h("div", { class: "error", id: `${id}-hint`, role: error ? "alert" : null }, error || ""));
}

// --- the "are you sure?" of an element -------------------------------------------------------------------------------

function confirmed(confirm, context) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const close = (yes) => {
      dialog.close();
      dialog.remove();
      resolve(yes);
    };
    const dialog = h("dialog", { class: "modal confirm", "aria-label": confirm.title ? confirm.title.text : "Are you sure?" },
      h("h2", {}, ...textObject(confirm.title || { text: "Are you sure?" }, context.store)),
      h("div", { class: "modal-body" }, ...textObject(confirm.text, context.store)),
      h("footer", {},
        h("button", { type: "button", class: "btn", onclick: () => close(false) }, ...textObject(confirm.deny || { text: "Cancel" }, context.store)),
        h("button", { type: "button", class: `btn ${confirm.style === "danger" ? "danger" : "primary"}`, onclick: () => close(true) },
          ...textObject(confirm.confirm || { text: "Yes" }, context.store))));
    dialog.addEventListener("cancel", () => close(false));
    $("#modals").append(dialog);
    dialog.showModal();
  });
}

export { initials, mrkdwn };
