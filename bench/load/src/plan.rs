//! What is loaded: a server, its people, and the rooms they are in. `bench/compare` writes it to a file.

use serde::Deserialize;
use std::{collections::HashMap, fs, io};

/// How the server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Dialect {
    /// Roost's frames on a WebSocket, and its REST door.
    #[serde(rename = "roost")]
    Roost,
    /// The baseline's events on socket.io, and its REST door.
    #[serde(rename = "socket.io")]
    SocketIo,
}

/// Somebody with an account.
#[derive(Debug, Deserialize)]
pub struct Person {
    /// The id under which messages name them as their author.
    pub id: String,
    /// What signs them in.
    pub token: String,
}

/// A conversation.
#[derive(Debug, Deserialize)]
pub struct Room {
    /// Its id.
    pub id: String,
    /// Who is in it: places in the list of people.
    pub members: Vec<usize>,
}

/// All of it.
#[derive(Debug, Deserialize)]
pub struct Plan {
    /// How the server is spoken to.
    pub dialect: Dialect,
    /// Where it listens, as `host:port`.
    pub addr: String,
    /// Everybody.
    pub people: Vec<Person>,
    /// All rooms.
    pub rooms: Vec<Room>,
}

impl Plan {
    /// Reads a plan.
    pub fn read(path: &str) -> io::Result<Self> {
        let plan: Self = serde_json::from_str(&fs::read_to_string(path)?)?;
        let known = |room: &Room| room.members.iter().all(|member| *member < plan.people.len());
        if plan.people.is_empty() || plan.rooms.is_empty() || !plan.rooms.iter().all(known) {
            return Err(io::Error::other("a plan needs people, and rooms of these people"));
        }
        Ok(plan)
    }

    /// The rooms of each person.
    pub fn rooms_of(&self) -> Vec<Vec<usize>> {
        let mut rooms = vec![Vec::new(); self.people.len()];
        for (number, room) in self.rooms.iter().enumerate() {
            for member in &room.members {
                rooms[*member].push(number);
            }
        }
        rooms
    }

    /// Rooms by their ids.
    pub fn room_numbers(&self) -> HashMap<String, usize> {
        let numbered = self.rooms.iter().enumerate();
        numbered.map(|(number, room)| (room.id.clone(), number)).collect()
    }
}
