//! The page as it prints.

mod one_page;

use chromiumoxide::cdp::browser_protocol::page::{
    PrintToPdfParams, PrintToPdfReturns, PrintToPdfTransferMode,
};
use darkroom_core::capture::{
    CaptureSpec, Determinism, Fit, Margins, Orientation, Outline, Paper, PaperSize, Print, Tagging,
};
use darkroom_core::failure::{Failure, FailureKind};

use crate::connection::CallError;
use crate::determinism;
use crate::fault;
use crate::file::{Drawn, File, decode};
use crate::page::Page;

/// What Chromium prints where a header or a footer is asked for and the other
/// isn't: nothing, instead of its own.
const NOTHING: &str = "<span></span>";

/// Prints the page.
pub(crate) async fn print(
    page: &Page,
    spec: &CaptureSpec,
    print: &Print,
) -> Result<Drawn, Failure> {
    let sheet = match print.fit {
        Fit::Sheets => sheet(print),
        Fit::OnePage => one_page::sheet(page, spec, print, sheet(print)).await?,
    };
    let params = params(print, sheet);
    let printed = match page.tools.call(params.clone()).await {
        Ok(printed) => printed,
        Err(fault) => return Err(explain(page, params, fault).await),
    };
    let drawn = read(page, printed).await?;
    Ok(match spec.emulation.determinism {
        Determinism::Off => drawn,
        Determinism::On => drawn.with_head(determinism::set_dates),
    })
}

/// Why nothing was printed. That the ranges lie beyond the last sheet, Chromium
/// says only in words; it's so if there is something to print without them.
async fn explain(page: &Page, params: PrintToPdfParams, fault: CallError) -> Failure {
    let whole = PrintToPdfParams { page_ranges: None, ..params.clone() };
    if matches!(fault, CallError::Refused { .. })
        && params.page_ranges.is_some()
        && page.tools.call(whole).await.is_ok()
    {
        let message = "The page ranges begin after the last sheet of the PDF";
        return Failure::new(FailureKind::InvalidOption, message);
    }
    fault::of_call(&fault)
}

async fn read(page: &Page, printed: PrintToPdfReturns) -> Result<Drawn, Failure> {
    match printed.stream {
        Some(handle) => File::begin(page, handle).await,
        None => Ok(Drawn::Whole(decode(printed.data.as_ref())?)),
    }
}

/// Width and height of a sheet, in inches.
type Sheet = (f64, f64);

fn sheet(print: &Print) -> Sheet {
    let (width, height) = match print.paper {
        Paper::Size(size) => size.inches(),
        Paper::Custom { width_in, height_in } => (width_in, height_in),
        // Of a page that asks for none.
        Paper::OfPage => PaperSize::A4.inches(),
    };
    match print.orientation {
        Orientation::Portrait => (width, height),
        Orientation::Landscape => (height, width),
    }
}

fn params(print: &Print, (width, height): Sheet) -> PrintToPdfParams {
    let Margins { top_in, right_in, bottom_in, left_in } = print.margins;
    let has_marginals = print.header.is_some() || print.footer.is_some();
    let marginal = |html: &Option<String>| {
        has_marginals.then(|| html.clone().unwrap_or_else(|| NOTHING.to_owned()))
    };
    PrintToPdfParams {
        // The sheet lies as it is to already.
        landscape: Some(false),
        paper_width: Some(width),
        paper_height: Some(height),
        prefer_css_page_size: Some(print.paper == Paper::OfPage && print.fit == Fit::Sheets),
        margin_top: Some(top_in),
        margin_right: Some(right_in),
        margin_bottom: Some(bottom_in),
        margin_left: Some(left_in),
        print_background: Some(print.background),
        scale: Some(print.scale),
        page_ranges: (!print.page_ranges.is_empty()).then(|| print.page_ranges.clone()),
        display_header_footer: Some(has_marginals),
        header_template: marginal(&print.header),
        footer_template: marginal(&print.footer),
        generate_tagged_pdf: Some(print.tagging == Tagging::Yes || print.outline == Outline::Yes),
        generate_document_outline: Some(print.outline == Outline::Yes),
        transfer_mode: Some(PrintToPdfTransferMode::ReturnAsStream),
    }
}
