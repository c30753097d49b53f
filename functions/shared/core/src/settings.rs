//! Reading a function's variables: everything at once, and every fault reported
//! together. Where the variables come from is the caller's business.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::address::Reach;
use crate::storage::Region;

/// Opens loopback for pages and callbacks, on every port but those that it
/// lists, parted by commas. For a stack on one machine and for tests; the
/// template never sets it.
const OPEN_LOOPBACK: &str = "DARKROOM_OPEN_LOOPBACK_EXCEPT";

/// The variables that couldn't be used, each with what is wrong and how to mend
/// it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingFaults(Vec<String>);

impl fmt::Display for SettingFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the function's settings are faulty: {}", self.0.join("; "))
    }
}

impl std::error::Error for SettingFaults {}

/// A reader of variables that remembers what was wrong with them.
pub struct Settings<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<String>,
}

impl fmt::Debug for Settings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("faults", &self.faults).finish_non_exhaustive()
    }
}

/// Reads what `read` asks for; a variable that is empty counts as not set.
///
/// # Errors
///
/// All that was wrong, if anything was.
pub fn read_settings<T>(
    variable: &dyn Fn(&str) -> Option<String>,
    read: impl FnOnce(&mut Settings<'_>) -> T,
) -> Result<T, SettingFaults> {
    let mut settings = Settings { variable, faults: Vec::new() };
    let read = read(&mut settings);
    if settings.faults.is_empty() { Ok(read) } else { Err(SettingFaults(settings.faults)) }
}

impl Settings<'_> {
    /// A text that must be there.
    pub fn text(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.faults.push(format!("{name} is not set"));
            String::new()
        })
    }

    /// A text that may be there.
    pub fn optional(&mut self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|text| !text.is_empty())
    }

    /// A whole number that must be there, within a range.
    pub fn number<T>(&mut self, name: &str, range: RangeInclusive<T>) -> T
    where
        T: FromStr + PartialOrd + fmt::Display + Copy,
    {
        let text = self.text(name);
        match text.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                if !text.is_empty() {
                    let (least, most) = (range.start(), range.end());
                    let fault =
                        format!("{name} is {text:?}: a number from {least} to {most} is needed");
                    self.faults.push(fault);
                }
                *range.start()
            }
        }
    }

    /// Whether something is so, which must be said.
    pub fn truth(&mut self, name: &str) -> bool {
        let text = self.text(name);
        if !["", "true", "false"].contains(&text.as_str()) {
            self.faults.push(format!("{name} is {text:?}: true or false is needed"));
        }
        text == "true"
    }

    /// The region in which the function runs, which Lambda tells.
    pub fn region(&mut self) -> Region {
        const NAME: &str = "AWS_REGION";
        let text = self.text(NAME);
        Region::parse(&text).unwrap_or_else(|| {
            if !text.is_empty() {
                self.faults.push(format!("{NAME} is {text:?}: a region of AWS is needed"));
            }
            Region::UNKNOWN
        })
    }

    /// What customers' URLs may reach: public addresses, unless loopback was
    /// opened for a stack on one machine.
    pub fn reach(&mut self) -> Reach {
        let Some(list) = self.optional(OPEN_LOOPBACK) else { return Reach::public() };
        let ports = list.split(',').map(str::trim).filter(|port| !port.is_empty());
        match ports.map(str::parse).collect::<Result<Vec<u16>, _>>() {
            Ok(closed) => Reach::with_loopback_except(closed),
            Err(_unparsable) => {
                let fault =
                    format!("{OPEN_LOOPBACK} is {list:?}: ports parted by commas are needed");
                self.faults.push(fault);
                Reach::public()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<(String, u8, Reach), SettingFaults> {
        let find = |name: &str| {
            variables.iter().find(|(it, _)| *it == name).map(|(_, text)| (*text).to_owned())
        };
        read_settings(&find, |settings| {
            (settings.text("TABLE_NAME"), settings.number("DAYS", 1..=7), settings.reach())
        })
    }

    #[test]
    fn a_region_is_one_of_aws() {
        let read = |text: &'static str| {
            read_settings(&|_: &str| Some(text.to_owned()), |settings| settings.region())
        };
        assert_eq!(read("eu-central-1").unwrap().as_str(), "eu-central-1");
        let faults = read("nowhere").unwrap_err().to_string();
        assert!(
            faults.ends_with("AWS_REGION is \"nowhere\": a region of AWS is needed"),
            "{faults}"
        );
        assert!(read("").unwrap_err().to_string().ends_with("AWS_REGION is not set"));
    }

    #[test]
    fn every_fault_is_reported_and_names_its_variable() {
        let faults = read(&[("DAYS", "9"), (OPEN_LOOPBACK, "80,x")]).unwrap_err().to_string();
        let expected = "the function's settings are faulty: TABLE_NAME is not set; DAYS is \"9\": \
            a number from 1 to 7 is needed; DARKROOM_OPEN_LOOPBACK_EXCEPT is \"80,x\": ports \
            parted by commas are needed";
        assert_eq!(faults, expected);
    }

    #[test]
    fn what_is_so_is_said_in_full() {
        let read = |text: &str| {
            let find = |_: &str| Some(text.to_owned());
            read_settings(&find, |settings| settings.truth("IT")).map_err(|it| it.to_string())
        };
        assert_eq!((read("true"), read("false")), (Ok(true), Ok(false)));
        let head = "the function's settings are faulty: IT is";
        assert_eq!(read("yes"), Err(format!("{head} \"yes\": true or false is needed")));
        assert_eq!(read(""), Err(format!("{head} not set")));
    }

    #[test]
    fn loopback_is_closed_unless_it_is_opened() {
        let (_, _, reach) = read(&[("TABLE_NAME", "t"), ("DAYS", "3")]).unwrap();
        assert_eq!(reach, Reach::public());
        let emptied = [("TABLE_NAME", "t"), ("DAYS", "3"), (OPEN_LOOPBACK, "")];
        let (_, _, reach) = read(&emptied).unwrap();
        assert_eq!(reach, Reach::public(), "nothing listed is nothing opened");
        let opened = [("TABLE_NAME", "t"), ("DAYS", "3"), (OPEN_LOOPBACK, "4566, 9001")];
        let (_, _, reach) = read(&opened).unwrap();
        assert_eq!(reach, Reach::with_loopback_except(vec![4566, 9001]));
    }

    #[test]
    fn a_reader_tells_its_faults_and_no_setting() {
        let find = |_: &str| Some(String::from("secret"));
        read_settings(&find, |settings| {
            settings.number("DAYS", 1..=7_u8);
            let shown = format!("{settings:?}");
            assert!(shown.starts_with("Settings") && shown.contains("DAYS"), "{shown}");
        })
        .unwrap_err();
    }
}
