//! Sign-in at an OpenID provider: the authorization code flow with PKCE, state and nonce,
//! implemented with `openidconnect`.
//!
//! In: the settings, and what browsers bring back from the provider. Out: a [`Person`], for whom
//! [`crate::http`] starts a session. Next: [`provider`], the calls; [`pending`], the sign-ins in
//! progress.

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

/// Page to which the provider redirects.
pub const RETURN_PATH: &str = "/sign-in/callback";

/// Signs users in at one provider; clones share it.
#[derive(Debug, Clone)]
pub struct OpenId(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    provider: Provider,
    pendings: Pendings,
    groups_claim: String,
    roles: Vec<GroupRole>,
    /// True if browsers use https.
    is_secure: bool,
    fingerprint: Digest,
}

/// Sign-in that was started.
#[derive(Debug)]
pub struct StartedSignIn {
    /// URL at the provider to redirect to.
    pub address: String,
    /// Secret that identifies the browser when it returns.
    pub secret: Secret,
}

/// Error of a sign-in.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdError {
    /// The provider does not respond, or not correctly. The reason is for the log.
    #[error("The OpenID provider does not respond correctly. Try again in a moment; the server's log says why.")]
    Provider(String),
    /// The identity that the provider returned could not be verified. The reason is for the log.
    #[error("The identity returned by the provider could not be verified; the server's log says why.")]
    Token(String),
    /// The user is in no group that has a role.
    #[error("Signed in as {name}, but none of your groups has a role here.")]
    NoRole {
        /// The user's name.
        name: String,
        /// The provider's id for the user.
        subject: String,
    },
}

impl OpenIdError {
    /// Reason for the log.
    pub fn reason(&self) -> String {
        match self {
            Self::Provider(reason) | Self::Token(reason) => reason.clone(),
            Self::NoRole { .. } => "in no group with a role".to_owned(),
        }
    }
}

impl OpenId {
    /// Creates the client from the settings; `None` if no provider is configured.
    ///
    /// # Errors
    /// When the client secret cannot be read, or a setting is missing.
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
            tracing::warn!(issuer, "every user of the provider may see every container; set roles with --group-role");
        }
        let fingerprint = Digest::of(&format!("{issuer}\n{client_id}\n{groups_claim}\n{roles:?}"));
        let is_secure = public_url.starts_with("https:");
        let shared = Shared { provider, pendings: Pendings::default(), groups_claim, roles, is_secure, fingerprint };
        Ok(Some(Self(Arc::new(shared))))
    }

    /// Fingerprint of the settings: sessions that began with others end.
    pub fn fingerprint(&self) -> Digest {
        self.0.fingerprint
    }

    /// True if browsers use https.
    pub fn is_secure(&self) -> bool {
        self.0.is_secure
    }

    /// Checks that the provider responds.
    ///
    /// # Errors
    /// When the provider does not respond correctly.
    pub async fn check(&self) -> Result<(), OpenIdError> {
        self.0.provider.known().await.map(drop)
    }

    /// Time that a user has to sign in at the provider.
    pub const fn sign_in_timeout() -> Duration {
        pending::SIGN_IN_TIMEOUT
    }

    /// Starts a sign-in of a client with the address `from`. Afterwards, the user goes to `target`.
    ///
    /// # Errors
    /// When the provider does not respond.
    pub async fn begin(&self, target: &str, from: IpAddr) -> Result<StartedSignIn, OpenIdError> {
        let known = self.0.provider.known().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (address, state, nonce) = known.address(challenge);
        let pending = Pending::new(state.secret(), nonce, verifier, target, from);
        Ok(StartedSignIn { address: address.into(), secret: self.0.pendings.add(pending) })
    }

    /// The sign-in that was started with `secret` and returns with `state`. Works once, within
    /// [`Self::sign_in_timeout`].
    pub fn returning(&self, secret: &str, state: &str) -> Option<Pending> {
        self.0.pendings.take(secret, state)
    }

    /// Issuer URL of the provider.
    pub fn issuer(&self) -> &str {
        self.0.provider.issuer()
    }

    /// Finishes a sign-in with the code from the provider.
    ///
    /// # Errors
    /// When the provider does not respond, its response cannot be verified, or the user has no
    /// role.
    pub async fn finish(&self, pending: Pending, code: String) -> Result<Person, OpenIdError> {
        let provider = &self.0.provider;
        let known = provider.known().await?;
        let (nonce, verifier) = pending.into_proofs();
        let verified = self.request_identity(&known, AuthorizationCode::new(code), &nonce, verifier).await;
        if matches!(verified, Err(OpenIdError::Provider(_))) {
            // Its addresses may have changed.
            provider.forget(&known).await;
        }
        let claims = verified?;
        person::person(&claims, &claims.groups(&self.0.groups_claim), &self.0.roles)
    }

    /// Claims of the provider about the user.
    async fn request_identity(
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

/// An error and its causes in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
