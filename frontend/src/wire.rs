//! One WebSocket and its frames. Dropping it closes it, and silences it for good.

use leptos::prelude::window;
use model::realtime::{ClientFrame, ServerFrame, Versioned};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{CloseEvent, MessageEvent, WebSocket};

const PATH: &str = "/api/v1/socket";

/// An open, or opening, connection.
pub struct Wire {
    socket: WebSocket,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Wire {
    /// Connects to the server that this page came from. The session cookie signs it in.
    pub fn open(hear: impl Fn(ServerFrame) + 'static, closed: impl Fn() + 'static) -> Option<Self> {
        let location = window().location();
        let scheme = if location.protocol().ok()? == "https:" {
            "wss:"
        } else {
            "ws:"
        };
        let socket = WebSocket::new(&format!("{scheme}//{}{PATH}", location.host().ok()?)).ok()?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            // A type that this version does not know is for newer ones.
            if let Some(text) = event.data().as_string()
                && let Ok(frame) = serde_json::from_str::<Versioned<ServerFrame>>(&text)
            {
                hear(frame.frame);
            }
        });
        let on_close = Closure::<dyn FnMut(CloseEvent)>::new(move |_| closed());
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Some(Self {
            socket,
            _on_message: on_message,
            _on_close: on_close,
        })
    }

    /// Sends a frame, if it stands.
    pub fn send(&self, frame: &ClientFrame) -> bool {
        self.socket.ready_state() == WebSocket::OPEN
            && serde_json::to_string(&Versioned::from(frame.clone()))
                .is_ok_and(|text| self.socket.send_with_str(&text).is_ok())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        _ = self.socket.close();
    }
}
