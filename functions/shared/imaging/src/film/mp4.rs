//! H.264 (constrained baseline) in MP4 (ISO/IEC 14496-12 and -15), with what a player needs
//! first in front.

use std::time::Duration;

use mp4_atom::{
    Avc1, Avcc, Codec, Colr, Dinf, Dref, Encode, FourCC, Ftyp, Hdlr, Mdhd, Mdia, Minf, Moov, Mvhd,
    Stbl, Stco, Stsc, StscEntry, Stsd, Stss, Stsz, StszSamples, Stts, SttsEntry, Tkhd, Trak, Url,
    Visual, Vmhd,
};
use openh264::OpenH264API;
use openh264::encoder::{
    Complexity, Encoder, EncoderConfig, FrameRate, IntraFramePeriod, QpRange, RateControlMode,
    UsageType, VuiConfig,
};
use openh264::formats::YUVSlices;
use yuv::{
    YuvChromaSubsampling, YuvConversionMode, YuvPlanarImageMut, YuvRange, YuvStandardMatrix,
    rgb_to_yuv420,
};

use super::FilmError;

/// The quantiser, the same for all pictures, of 0 (best) to 51: letters stay clean.
const QUANTISER: QpRange = QpRange::new(22, 26);

/// Between two pictures that need no other: how far a player that jumps must go back.
const JUMP: Duration = Duration::from_secs(2);

/// Units of a second in which times are told.
const TIMESCALE: u32 = 1_000;

/// What the numbers of BT.709 are in `colr` (ISO/IEC 23091-2).
const BT709: u16 = 1;

pub(super) struct Mp4 {
    encoder: Encoder,
    size: (u32, u32),
    span_ms: u32,
    /// The last picture.
    planes: YuvPlanarImageMut<'static, u8>,
    stream: Stream,
}

impl Mp4 {
    pub(super) fn new((width, height): (u32, u32), span: Duration) -> Result<Self, FilmError> {
        let rate = 1.0 / span.as_secs_f32();
        let jump = u32::try_from(JUMP.as_millis() / span.as_millis().max(1)).unwrap_or(u32::MAX);
        let config = EncoderConfig::new()
            .usage_type(UsageType::CameraVideoRealTime)
            .complexity(Complexity::Low)
            .rate_control_mode(RateControlMode::Off)
            .qp(QUANTISER)
            .skip_frames(false)
            .adaptive_quantization(false)
            .background_detection(false)
            .max_frame_rate(FrameRate::from_hz(rate))
            .intra_frame_period(IntraFramePeriod::from_num_frames(jump))
            .num_threads(1)
            .vui(VuiConfig::bt709());
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config);
        Ok(Self {
            encoder: encoder.map_err(FilmError::failed)?,
            size: (width, height),
            span_ms: u32::try_from(span.as_millis()).unwrap_or(u32::MAX),
            planes: YuvPlanarImageMut::alloc(width, height, YuvChromaSubsampling::Yuv420),
            stream: Stream::default(),
        })
    }

    pub(super) fn add(&mut self, pixels: &[u8]) -> Result<(), FilmError> {
        rgb_to_yuv420(
            &mut self.planes,
            pixels,
            self.size.0 * 3,
            YuvRange::Limited,
            YuvStandardMatrix::Bt709,
            YuvConversionMode::Balanced,
        )
        .map_err(|fault| FilmError::failed(fault.to_string()))?;
        self.repeat()
    }

    /// Adds the last picture once more.
    pub(super) fn repeat(&mut self) -> Result<(), FilmError> {
        let YuvPlanarImageMut { y_plane, u_plane, v_plane, .. } = &self.planes;
        let (width, height) = (self.size.0 as usize, self.size.1 as usize);
        let planes = (y_plane.borrow(), u_plane.borrow(), v_plane.borrow());
        let picture =
            YUVSlices::new(planes, (width, height), (width, width.div_ceil(2), width.div_ceil(2)));
        let encoded = self.encoder.encode(&picture).map_err(FilmError::failed)?;
        let begin = self.stream.pictures.len();
        for layer in (0..encoded.num_layers()).filter_map(|index| encoded.layer(index)) {
            for unit in (0..layer.nal_count()).filter_map(|index| layer.nal_unit(index)) {
                self.stream.add(unit);
            }
        }
        self.stream.end_picture(begin);
        FilmError::of_length(self.stream.pictures.len())
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, FilmError> {
        let Self { size, span_ms, stream, .. } = self;
        let (width, height) = size;
        let side = |length| u16::try_from(length).map_err(FilmError::failed);
        stream.file(side(width)?, side(height)?, span_ms)
    }
}

/// Encoded pictures.
#[derive(Default)]
struct Stream {
    /// What the decoder must know first: of all pictures together (SPS), and of each (PPS).
    sequence: Vec<u8>,
    picture: Vec<u8>,
    pictures: Vec<u8>,
    sizes: Vec<u32>,
    /// Which need no other, counted from 1.
    independent: Vec<u32>,
}

/// Types of NAL units (H.264, table 7-1).
const INDEPENDENT: u8 = 5;
const SEQUENCE: u8 = 7;
const PICTURE: u8 = 8;

impl Stream {
    /// Adds a unit, which comes behind its start code, to the picture that is being made.
    /// Every picture that needs no other comes with the same parameters.
    fn add(&mut self, unit: &[u8]) {
        let zeros = unit.iter().take_while(|&&byte| byte == 0).count();
        let unit = unit.get(zeros + 1..).unwrap_or_default();
        let number = u32::try_from(self.sizes.len() + 1).unwrap_or(u32::MAX);
        match unit.first().map(|head| head & 0x1f) {
            Some(SEQUENCE) => self.sequence = unit.to_vec(),
            Some(PICTURE) => self.picture = unit.to_vec(),
            kind => {
                let length = u32::try_from(unit.len()).unwrap_or(u32::MAX);
                self.pictures.extend(length.to_be_bytes());
                self.pictures.extend(unit);
                if kind == Some(INDEPENDENT) && self.independent.last() != Some(&number) {
                    self.independent.push(number);
                }
            }
        }
    }

    /// Ends the picture whose bytes begin there.
    fn end_picture(&mut self, begin: usize) {
        let size = self.pictures.len() - begin;
        self.sizes.push(u32::try_from(size).unwrap_or(u32::MAX));
    }

    fn file(self, width: u16, height: u16, span_ms: u32) -> Result<Vec<u8>, FilmError> {
        let count = u32::try_from(self.sizes.len()).unwrap_or(u32::MAX);
        let duration = u64::from(count) * u64::from(span_ms);
        let codec = codec(self.sequence, self.picture, width, height)?;
        let tables = Stbl {
            stsd: Stsd { codecs: vec![codec] },
            stts: Stts { entries: vec![SttsEntry { sample_count: count, sample_delta: span_ms }] },
            stss: Some(Stss { entries: self.independent }),
            stsc: Stsc {
                entries: vec![StscEntry {
                    first_chunk: 1,
                    samples_per_chunk: count,
                    sample_description_index: 1,
                }],
            },
            stsz: Stsz { samples: StszSamples::Different { sizes: self.sizes } },
            stco: Some(Stco { entries: vec![0] }),
            ..Stbl::default()
        };
        let mut head = head(tables, duration, width, height);
        let begins = encoded(&kind_of_file())?.len() + encoded(&head)?.len() + MDAT_HEAD;
        if let Some(track) = head.trak.first_mut() {
            let begins = u32::try_from(begins).map_err(FilmError::failed)?;
            track.mdia.minf.stbl.stco = Some(Stco { entries: vec![begins] });
        }
        let mut file = encoded(&kind_of_file())?;
        file.extend(encoded(&head)?);
        let length = u32::try_from(self.pictures.len() + MDAT_HEAD).map_err(FilmError::failed)?;
        file.extend(length.to_be_bytes());
        file.extend(b"mdat");
        file.extend(self.pictures);
        Ok(file)
    }
}

/// Length and name of the box that holds the pictures.
const MDAT_HEAD: usize = 8;

fn kind_of_file() -> Ftyp {
    Ftyp {
        major_brand: FourCC::new(b"isom"),
        minor_version: 512,
        compatible_brands: [b"isom", b"iso2", b"avc1", b"mp41"].map(FourCC::new).into(),
    }
}

fn codec(sequence: Vec<u8>, picture: Vec<u8>, width: u16, height: u16) -> Result<Codec, FilmError> {
    let Some(&[profile, compatibility, level]) = sequence.get(1..4).and_then(|it| it.first_chunk())
    else {
        return Err(FilmError::Lacking("parameters"));
    };
    Ok(Codec::Avc1(Avc1 {
        visual: Visual { data_reference_index: 1, width, height, ..Visual::default() },
        avcc: Avcc {
            configuration_version: 1,
            avc_profile_indication: profile,
            profile_compatibility: compatibility,
            avc_level_indication: level,
            length_size: 4,
            sequence_parameter_sets: vec![sequence],
            picture_parameter_sets: vec![picture],
            ext: None,
        },
        btrt: None,
        colr: Some(Colr::Nclx {
            colour_primaries: BT709,
            transfer_characteristics: BT709,
            matrix_coefficients: BT709,
            full_range_flag: false,
        }),
        pasp: None,
        taic: None,
        fiel: None,
        spatial: None,
    }))
}

fn head(tables: Stbl, duration: u64, width: u16, height: u16) -> Moov {
    let track = Trak {
        tkhd: Tkhd {
            track_id: 1,
            duration,
            enabled: true,
            in_movie: true,
            width: width.into(),
            height: height.into(),
            ..Tkhd::default()
        },
        mdia: Mdia {
            mdhd: Mdhd {
                timescale: TIMESCALE,
                duration,
                language: "und".to_owned(),
                ..Mdhd::default()
            },
            hdlr: Hdlr { handler: FourCC::new(b"vide"), name: "video".to_owned() },
            minf: Minf {
                vmhd: Some(Vmhd::default()),
                dinf: Dinf { dref: Dref { entries: vec![Url::default().into()] } },
                stbl: tables,
                ..Minf::default()
            },
        },
        ..Trak::default()
    };
    let mvhd = Mvhd {
        timescale: TIMESCALE,
        duration,
        rate: 1.into(),
        next_track_id: 2,
        ..Mvhd::default()
    };
    Moov { mvhd, trak: vec![track], ..Moov::default() }
}

fn encoded(atom: &impl Encode) -> Result<Vec<u8>, FilmError> {
    let mut bytes = Vec::new();
    atom.encode(&mut bytes).map_err(FilmError::failed)?;
    Ok(bytes)
}
