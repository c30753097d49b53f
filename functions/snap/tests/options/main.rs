//! What options do. For each option of stills, PDF and clips there is a row in `rows`: a
//! page, what is looked at in its picture, and what the option turns that into.
//! All that is between an option's name and the file is real: the dialect's parser,
//! the engine, Chromium, and a host on loopback.

#[cfg(test)]
mod rows;
#[cfg(test)]
mod sheets;
#[cfg(test)]
mod site;
#[cfg(test)]
mod studio;
#[cfg(test)]
mod taken;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use darkroom_dialects::{Availability, sections};

    use crate::rows::{
        Row, SECTIONS, blocking, changes, clip, emulation, failing, image, metadata, part, pdf,
        request, source, waiting, window,
    };
    use crate::studio::Studio;

    #[test]
    fn every_option_has_a_row_in_its_section() {
        // What is done with a file is the service's part.
        let elsewhere = ["Delivery", "Cache", "Storage", "ScreenNabster's alone"];
        for section in sections().filter(|section| !elsewhere.contains(&section.title)) {
            let built = section.options.iter().filter(|it| it.availability == Availability::Built);
            let known: BTreeSet<_> = built.map(|known| known.name).collect();
            let rows = SECTIONS.iter().filter(|(title, _)| *title == section.title);
            let shown: BTreeSet<_> = rows.flat_map(|(_, rows)| *rows).map(Row::name).collect();
            assert_eq!(known, shown, "{}", section.title);
        }
    }

    #[tokio::test]
    async fn the_source_shows() {
        Studio::open().await.check(source::ROWS).await;
    }

    #[tokio::test]
    async fn the_kind_of_image_shows() {
        Studio::open().await.check(image::ROWS).await;
    }

    #[tokio::test]
    async fn the_window_and_its_device_show() {
        Studio::open().await.check(window::ROWS).await;
    }

    #[tokio::test]
    async fn what_moves_shows() {
        Studio::open().await.check(clip::ROWS).await;
    }

    #[tokio::test]
    async fn the_part_of_the_page_shows() {
        Studio::open().await.check(part::ROWS).await;
    }

    #[tokio::test]
    async fn what_is_emulated_shows() {
        Studio::open().await.check(emulation::ROWS).await;
    }

    #[tokio::test]
    async fn what_the_host_is_sent_shows() {
        Studio::open().await.check(request::ROWS).await;
    }

    #[tokio::test]
    async fn what_is_blocked_shows() {
        Studio::open().await.check(blocking::ROWS).await;
    }

    #[tokio::test]
    async fn changes_to_the_page_show() {
        Studio::open().await.check(changes::ROWS).await;
    }

    #[tokio::test]
    async fn what_is_waited_for_shows() {
        Studio::open().await.check(waiting::ROWS).await;
    }

    #[tokio::test]
    async fn what_must_not_be_fails() {
        Studio::open().await.check(failing::ROWS).await;
    }

    #[tokio::test]
    async fn what_is_told_of_the_page_is_so() {
        Studio::open().await.check(metadata::ROWS).await;
    }

    #[tokio::test]
    async fn what_is_asked_of_a_pdf_shows() {
        Studio::open().await.check(pdf::ROWS).await;
    }
}
