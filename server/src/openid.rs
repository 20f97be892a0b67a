//! Signing in at an OpenID provider: the authorization code flow with PKCE, state and nonce, as the library `openidconnect` walks it.
//!
//! In: the settings, and what browsers bring back from the provider. Out: a [`Person`], for whom [`crate::http`] begins a session.
//! Next: [`provider`], what is known of the provider; [`pending`], who is on their way to it.

mod pending;
mod person;
mod provider;
mod requests;

pub use pending::Pending;

use crate::{
    auth::{Digest, GroupRole, Person, Secret},
    config::AccessConfig,
};
use anyhow::Context as _;
use openidconnect::{AuthorizationCode, Nonce, PkceCodeChallenge, PkceCodeVerifier};
use pending::Pendings;
use person::Claims;
use provider::{Known, Provider};
use std::{error::Error, fs, net::IpAddr, path::Path, sync::Arc, time::Duration};

/// The page that the provider leads back to.
pub const RETURN_PATH: &str = "/sign-in/callback";

/// Signs people in at one provider; clones share it.
#[derive(Debug, Clone)]
pub struct OpenId(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    provider: Provider,
    pendings: Pendings,
    groups_claim: String,
    roles: Vec<GroupRole>,
    /// Whether browsers reach this server by https.
    is_secure: bool,
    fingerprint: Digest,
}

/// Somebody leaves for the provider.
#[derive(Debug)]
pub struct Departure {
    /// Where to.
    pub address: String,
    /// By which they are known when they come back.
    pub secret: Secret,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdError {
    /// It does not answer, or not as it should. The reason is for the log.
    #[error("The OpenID provider does not answer as it should. Try again in a moment; this server's log tells why.")]
    Provider(String),
    /// What it told does not hold. The reason is for the log.
    #[error("What the OpenID provider told of you does not hold; this server's log tells why.")]
    Token(String),
    /// They are in no group that has a role.
    #[error("Signed in as {name}, but none of your groups has a role here.")]
    NoRole {
        /// The user's name.
        name: String,
        /// The provider's id for the user.
        subject: String,
    },
}

impl OpenIdError {
    /// What the log is told.
    pub fn reason(&self) -> String {
        match self {
            Self::Provider(reason) | Self::Token(reason) => reason.clone(),
            Self::NoRole { .. } => "in no group that has a role".to_owned(),
        }
    }
}

impl OpenId {
    /// As the settings say; `None` where they name no provider.
    ///
    /// # Errors
    /// When the client's secret cannot be read, or a part is missing.
    pub fn from_config(access: &AccessConfig) -> anyhow::Result<Option<Self>> {
        let Some(issuer) = access.oidc_issuer.as_deref() else { return Ok(None) };
        let client_id = access.oidc_client_id.as_deref().filter(|id| !id.is_empty());
        let client_id = client_id.context("--oidc-issuer needs --oidc-client-id")?;
        let public_url = access.public_address();
        let public_url = public_url.context("--oidc-issuer needs --public-url")?;
        let secret = access.oidc_client_secret_file.as_deref().map(read_secret).transpose()?;
        let provider = Provider::new(issuer, client_id, secret, &format!("{public_url}{RETURN_PATH}"))?;
        let (groups_claim, roles) = (access.oidc_groups_claim.clone(), access.group_role.clone());
        if roles.is_empty() {
            tracing::warn!(
                issuer,
                "whoever signs in there may see every container; --group-role tells who may do what"
            );
        }
        let fingerprint = Digest::of(&format!("{issuer}\n{client_id}\n{groups_claim}\n{roles:?}"));
        let is_secure = public_url.starts_with("https:");
        let shared = Shared { provider, pendings: Pendings::default(), groups_claim, roles, is_secure, fingerprint };
        Ok(Some(Self(Arc::new(shared))))
    }

    /// Of the settings: sessions that were begun by others do not hold.
    pub fn fingerprint(&self) -> Digest {
        self.0.fingerprint
    }

    /// Whether browsers reach this server by https.
    pub fn is_secure(&self) -> bool {
        self.0.is_secure
    }

    /// Asks the provider who it is.
    ///
    /// # Errors
    /// When it does not answer as it should.
    pub async fn check(&self) -> Result<(), OpenIdError> {
        self.0.provider.known().await.map(drop)
    }

    /// How long somebody may take at the provider.
    pub const fn longest_absence() -> Duration {
        pending::LIFETIME
    }

    /// Sends somebody `from` there to the provider, who wants to come back to `target`.
    ///
    /// # Errors
    /// While the provider does not answer.
    pub async fn begin(&self, target: &str, from: IpAddr) -> Result<Departure, OpenIdError> {
        let known = self.0.provider.known().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (address, state, nonce) = known.address(challenge);
        let pending = Pending::new(state.secret(), nonce, verifier, target, from);
        Ok(Departure { address: address.into(), secret: self.0.pendings.add(pending) })
    }

    /// Who left with `secret` and comes back with `state`; once, and not after [`Self::longest_absence`].
    pub fn returning(&self, secret: &str, state: &str) -> Option<Pending> {
        self.0.pendings.take(secret, state)
    }

    /// The provider, as it calls itself.
    pub fn issuer(&self) -> &str {
        self.0.provider.issuer()
    }

    /// Asks the provider who it is that came back with `code`.
    ///
    /// # Errors
    /// When the provider does not answer, its answer does not hold, or they may do nothing here.
    pub async fn finish(&self, pending: Pending, code: String) -> Result<Person, OpenIdError> {
        let provider = &self.0.provider;
        let known = provider.known().await?;
        let (nonce, verifier) = pending.into_proofs();
        let told = self.ask(&known, AuthorizationCode::new(code), &nonce, verifier).await;
        if matches!(told, Err(OpenIdError::Provider(_))) {
            // It may have moved.
            provider.forget(&known).await;
        }
        let claims = told?;
        person::person(&claims, &claims.groups(&self.0.groups_claim), &self.0.roles)
    }

    /// What the provider claims of them.
    async fn ask(
        &self,
        known: &Arc<Known>,
        code: AuthorizationCode,
        nonce: &Nonce,
        verifier: PkceCodeVerifier,
    ) -> Result<Claims, OpenIdError> {
        let provider = &self.0.provider;
        let tokens = provider.exchange(known, code, verifier).await?;
        let mut claims = provider.verified(known, &tokens, nonce).await?;
        if !claims.are_enough(&self.0.groups_claim)
            && let Some(more) = provider.more(known, &tokens, claims.subject()).await?
        {
            claims = claims.or(more);
        }
        Ok(claims)
    }
}

fn read_secret(path: &Path) -> anyhow::Result<String> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read --oidc-client-secret-file {shown}"))?;
    let secret = text.trim();
    anyhow::ensure!(!secret.is_empty(), "--oidc-client-secret-file {shown} is empty");
    Ok(secret.to_owned())
}

/// An error and what caused it, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
