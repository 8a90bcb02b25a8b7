//! Files: choosing them, showing them, and handing them over.

use super::post::{Post, use_post};
use crate::ui::{Icon, IconName};
use leptos::{prelude::*, task::spawn_local};
use model::{limits, mailbox::FileLine};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The size of a file, for a person.
#[expect(clippy::cast_precision_loss, reason = "a tenth of a mebibyte is enough")]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", bytes.div_ceil(1_024)),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

/// Why a file can't go with a letter, if it can't.
pub fn refused(name: &str, bytes: f64, others: usize) -> Option<String> {
    let most = limits::ATTACHMENT_MAX_BYTES;
    if others >= limits::ATTACHMENTS_MAX {
        return Some(format!(
            "A letter takes at most {} files; “{name}” was left out.",
            limits::ATTACHMENTS_MAX
        ));
    }
    #[expect(clippy::cast_precision_loss, reason = "a few megabytes")]
    let too_large = bytes > most as f64;
    too_large.then(|| format!("“{name}” is larger than {} and was left out.", size(most as u64)))
}

/// The bytes of a file that somebody chose.
pub async fn bytes_of(file: &web_sys::File) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Hands bytes over as a file. Its type is nobody's word: what others sent is never shown as a page of this site.
pub fn hand_over(name: &str, bytes: &[u8]) {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type("application/octet-stream");
    let Ok(blob) = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &kind) else {
        return;
    };
    let Ok(address) = web_sys::Url::create_object_url_with_blob(&blob) else {
        return;
    };
    let link = document().create_element("a").ok();
    if let Some(link) = link.and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok()) {
        link.set_href(&address);
        link.set_download(name);
        // Not a way within this site.
        _ = link.set_attribute("rel", "external");
        link.click();
    }
    _ = web_sys::Url::revoke_object_url(&address);
}

/// The files of what was pasted or dropped.
pub fn files_of(list: Option<web_sys::FileList>) -> Vec<web_sys::File> {
    let list = list.into_iter();
    list.flat_map(|list| (0..list.length()).filter_map(move |n| list.get(n)))
        .collect()
}

fn fetch(post: Post, file: FileLine, busy: RwSignal<bool>) {
    let Some(mailbox) = post.mailbox.get_untracked() else {
        return post.tell("The mailbox is still being opened on this device.", None);
    };
    busy.set(true);
    spawn_local(async move {
        match mailbox.file(file.id.to_string()).await {
            Ok(bytes) => hand_over(&file.name, &bytes),
            Err(trouble) => post.warn(&trouble),
        }
        _ = busy.try_set(false);
    });
}

/// The files of a letter, to be taken out.
#[component]
pub fn FileList(files: Vec<FileLine>) -> impl IntoView {
    let post = use_post();
    let one = move |file: FileLine| {
        let busy = RwSignal::new(false);
        let (name, size) = (file.name.clone(), size(file.size));
        view! {
            <li>
                <button type="button" class="file" aria-busy=move || busy.get().then_some("true") on:click=move |_| fetch(post, file.clone(), busy)>
                    <Icon name=IconName::Clip />
                    <span class="file-name" dir="auto">{name}</span>
                    <small>{size}</small>
                    <span class="hidden">", download"</span>
                </button>
            </li>
        }
    };
    (!files.is_empty())
        .then(|| view! { <ul class="files" aria-label="Files">{files.into_iter().map(one).collect_view()}</ul> })
}

/// Whether something that is dragged over the page are files.
pub fn carries_files(event: &web_sys::DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|data| data.types().includes(&JsValue::from_str("Files"), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_as_people_tell_it() {
        let told = [0, 1_023, 1_024, 1_025, 1_048_576, 5_242_880].map(size);
        assert_eq!(told, ["0 B", "1023 B", "1 KiB", "2 KiB", "1.0 MiB", "5.0 MiB"]);
    }

    #[test]
    fn what_is_too_large_or_one_too_many_is_left_out_in_words() {
        assert_eq!(refused("a.txt", 5_242_880.0, 0), None);
        let large = refused("a.txt", 5_242_881.0, 0).expect("refused");
        assert!(large.contains("“a.txt” is larger than 5.0 MiB"), "{large}");
        let many = refused("a.txt", 1.0, limits::ATTACHMENTS_MAX).expect("refused");
        assert!(many.contains("at most 20 files"), "{many}");
    }
}
