//! Work that takes long: a few pieces at a time, off the threads that serve, and each sender in turn.
//!
//! Without it a handful of long answers would keep those threads busy, and with them everybody else,
//! whoever only wants to know whether the server lives among them. In turn by sender: one who asks for
//! much waits for themselves.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::web;
use tokio::sync::oneshot;

use super::problem::{Kind, Problem};

/// Most pieces of one sender that wait at a time.
const MAX_OF_ONE: usize = 32;
/// Most pieces that wait at a time.
const MAX: usize = 512;

/// Where long work is done.
pub(crate) struct Desk<K>(Mutex<Queues<K>>);

struct Queues<K> {
    /// How many more may be at work.
    free: usize,
    waiting: HashMap<K, VecDeque<oneshot::Sender<()>>>,
    /// Whose turn it is, of those who have something waiting.
    turns: VecDeque<K>,
    count: usize,
}

impl<K: Copy + Eq + Hash + Send + 'static> Desk<K> {
    /// A desk at which so many pieces may be at work. One processor stays with the threads that serve,
    /// where there is more than one.
    pub(crate) fn new(processors: usize) -> Self {
        Self(Mutex::new(Queues {
            free: processors.saturating_sub(1).max(1),
            waiting: HashMap::new(),
            turns: VecDeque::new(),
            count: 0,
        }))
    }

    /// Does a piece of work for a sender when it is their turn.
    ///
    /// # Errors
    ///
    /// 503 where too much waits already.
    pub(crate) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        sender: K,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let place = self.place(sender, Entry::Bounded).await.ok_or_else(busy)?;
        at(place, work).await
    }

    /// Does the next piece of an answer that has begun. It waits for its turn like any other, but is not
    /// turned away: its sender has half of the answer.
    ///
    /// # Errors
    ///
    /// Work that panicked.
    pub(crate) async fn go_on<T: Send + 'static>(
        self: &Arc<Self>,
        sender: K,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let place = self.place(sender, Entry::Always).await.ok_or_else(busy)?;
        at(place, work).await
    }

    /// A place at the desk, once there is one.
    async fn place(self: &Arc<Self>, sender: K, entry: Entry) -> Option<Place<K>> {
        let receive = {
            let mut queues = self.lock();
            if queues.free > 0 {
                queues.free -= 1;
                return Some(Place(Arc::clone(self)));
            }
            queues.join(sender, entry)?
        };
        let mut turn = Turn { desk: Arc::clone(self), receive };
        (&mut turn.receive).await.ok()?;
        Some(Place(Arc::clone(self)))
    }

    fn lock(&self) -> MutexGuard<'_, Queues<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does work at a place.
async fn at<K, T>(place: Place<K>, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem>
where
    K: Copy + Eq + Hash + Send + 'static,
    T: Send + 'static,
{
    web::block(move || {
        // Held until the work is done, also where nobody waits for it any more.
        let _place = place;
        work()
    })
    .await
    .map_err(Problem::from)
}

/// Whether somebody may be turned away where too many wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Bounded,
    Always,
}

impl<K: Copy + Eq + Hash> Queues<K> {
    /// Waits behind what the same sender has waiting.
    fn join(&mut self, sender: K, entry: Entry) -> Option<oneshot::Receiver<()>> {
        let queue = self.waiting.entry(sender).or_default();
        if entry == Entry::Bounded && (queue.len() >= MAX_OF_ONE || self.count >= MAX) {
            if queue.is_empty() {
                self.waiting.remove(&sender);
            }
            return None;
        }
        if queue.is_empty() {
            self.turns.push_back(sender);
        }
        let (send, receive) = oneshot::channel();
        queue.push_back(send);
        self.count += 1;
        Some(receive)
    }

    /// Gives a place to whoever's turn it is and who still waits.
    fn pass_on(&mut self) {
        while let Some(sender) = self.turns.pop_front() {
            let Some(queue) = self.waiting.get_mut(&sender) else { continue };
            let next = queue.pop_front();
            self.count -= usize::from(next.is_some());
            if queue.is_empty() {
                self.waiting.remove(&sender);
            } else {
                self.turns.push_back(sender);
            }
            if next.is_some_and(|next| next.send(()).is_ok()) {
                return;
            }
        }
        self.free += 1;
    }
}

/// The desk, as one sender comes to it.
#[derive(Clone)]
pub(crate) struct Seat<K> {
    pub(super) desk: Arc<Desk<K>>,
    pub(super) sender: K,
}

impl<K: Copy + Eq + Hash + Send + 'static> Seat<K> {
    /// As [`Desk::go_on`].
    ///
    /// # Errors
    ///
    /// Work that panicked.
    pub(crate) async fn go_on<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.desk.go_on(self.sender, work).await
    }
}

/// A place at the desk, passed on when it is left.
struct Place<K: Copy + Eq + Hash + Send + 'static>(Arc<Desk<K>>);

impl<K: Copy + Eq + Hash + Send + 'static> Drop for Place<K> {
    fn drop(&mut self) {
        self.0.lock().pass_on();
    }
}

/// Waiting for a place. One that was given to someone who left in that moment goes on to the next.
struct Turn<K: Copy + Eq + Hash + Send + 'static> {
    desk: Arc<Desk<K>>,
    receive: oneshot::Receiver<()>,
}

impl<K: Copy + Eq + Hash + Send + 'static> Drop for Turn<K> {
    fn drop(&mut self) {
        self.receive.close();
        if self.receive.try_recv().is_ok() {
            self.desk.lock().pass_on();
        }
    }
}

fn busy() -> Problem {
    Problem::new(
        Kind::UNAVAILABLE,
        "時間のかかる問い合わせが混み合っています。少し待ってからもう一度お試しください。",
        "too many long requests are waiting",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    type Waiting = Pin<Box<dyn Future<Output = Option<Place<u32>>>>>;

    /// Someone at the desk, who has asked for a place.
    fn ask(desk: &Arc<Desk<u32>>, sender: u32) -> Waiting {
        let desk = Arc::clone(desk);
        let mut waiting: Waiting = Box::pin(async move { desk.place(sender, Entry::Bounded).await });
        assert!(poll(&mut waiting).is_pending());
        waiting
    }

    fn poll(waiting: &mut Waiting) -> Poll<Option<Place<u32>>> {
        waiting.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    fn held(desk: &Arc<Desk<u32>>) -> Place<u32> {
        let desk = Arc::clone(desk);
        let mut waiting: Waiting = Box::pin(async move { desk.place(0, Entry::Bounded).await });
        let Poll::Ready(Some(place)) = poll(&mut waiting) else { panic!("no place") };
        place
    }

    #[test]
    fn senders_take_turns() {
        let desk = Arc::new(Desk::new(2));
        let mut place = held(&desk);
        let mut waiting: Vec<(u32, Waiting)> =
            [1, 1, 1, 2, 3, 2].into_iter().map(|sender| (sender, ask(&desk, sender))).collect();
        let mut served = Vec::new();
        while !waiting.is_empty() {
            drop(place);
            let mut next = None;
            waiting.retain_mut(|(sender, waiting)| match poll(waiting) {
                Poll::Ready(got) => {
                    served.push(*sender);
                    next = got;
                    false
                }
                Poll::Pending => true,
            });
            place = next.unwrap();
        }
        assert_eq!(served, [1, 2, 3, 1, 2, 1]);
        drop(place);
        let queues = desk.lock();
        assert_eq!((queues.free, queues.count, queues.waiting.len(), queues.turns.len()), (1, 0, 0, 0));
    }

    #[test]
    fn whoever_leaves_is_passed_over() {
        let desk = Arc::new(Desk::new(1));
        let place = held(&desk);
        let (gone, mut late, mut last) = (ask(&desk, 1), ask(&desk, 2), ask(&desk, 3));
        drop(gone);
        // A place is given to the second, who leaves before they see it.
        drop(place);
        let asleep = std::mem::replace(&mut late, Box::pin(async { None }));
        drop(asleep);
        assert!(matches!(poll(&mut last), Poll::Ready(Some(_))));
        assert_eq!(desk.lock().free, 1);
    }

    #[test]
    fn no_more_wait_than_there_is_room_for() {
        let desk = Arc::new(Desk::new(1));
        let place = held(&desk);
        let one: Vec<Waiting> = (0..MAX_OF_ONE).map(|_| ask(&desk, 1)).collect();
        let refused = |sender: u32| {
            let desk = Arc::clone(&desk);
            let mut waiting: Waiting = Box::pin(async move { desk.place(sender, Entry::Bounded).await });
            matches!(poll(&mut waiting), Poll::Ready(None))
        };
        assert!(refused(1) && !refused(2));
        let many: Vec<Waiting> =
            (MAX_OF_ONE..MAX - 1).map(|number| ask(&desk, 1_000 + u32::try_from(number).unwrap())).collect();
        assert!(refused(9_999));
        let go_on = {
            let desk = Arc::clone(&desk);
            let mut waiting: Waiting = Box::pin(async move { desk.place(1, Entry::Always).await });
            assert!(poll(&mut waiting).is_pending());
            waiting
        };
        drop((one, many, go_on, place));
        assert_eq!(desk.lock().free, 1);
    }
}
