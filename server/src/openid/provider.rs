//! Calls to the provider. Its metadata is discovered at the first sign-in, and again after an error
//! or when it signs with an unknown key.

use super::{
    OpenIdError, chain,
    person::{Claims, OtherClaims},
    requests::{RequestError, Requests},
};
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenClaims, IdTokenFields, IssuerUrl,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, SubjectIdentifier, TokenResponse as _,
    UserInfoClaims,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
        CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm as Algorithm,
        CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
        CoreTokenType,
    },
    url::Url,
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// Pause after a failed discovery, however many users try to sign in.
const RETRY_INTERVAL: Duration = Duration::from_secs(2);
/// Scopes that are requested if the provider supports them; some providers refuse unknown scopes.
const SCOPES: [&str; 3] = ["profile", "email", "groups"];
/// Supported signature algorithms. Only asymmetric ones, whose key only the provider has.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

type TokenFields =
    IdTokenFields<OtherClaims, EmptyExtraTokenFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, Algorithm>;
pub(super) type Tokens = StandardTokenResponse<TokenFields, CoreTokenType>;
type Client = openidconnect::Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider, and this server's registration as its client.
#[derive(Debug)]
pub(super) struct Provider {
    issuer: IssuerUrl,
    client_id: ClientId,
    secret: Option<ClientSecret>,
    redirect_url: RedirectUrl,
    requests: Requests,
    knowledge: Mutex<Knowledge>,
}

#[derive(Debug, Default)]
enum Knowledge {
    #[default]
    Nothing,
    Discovered(Arc<Known>),
    Failed(Instant, String),
}

/// Discovered metadata: addresses, keys, scopes.
#[derive(Debug)]
pub(super) struct Known {
    client: Client,
    scopes: Vec<Scope>,
}

impl Provider {
    pub(super) fn new(
        issuer: &str,
        client_id: &str,
        secret: Option<String>,
        redirect_url: &str,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            issuer: IssuerUrl::new(issuer.to_owned())?,
            client_id: ClientId::new(client_id.to_owned()),
            secret: secret.map(ClientSecret::new),
            redirect_url: RedirectUrl::new(redirect_url.to_owned())?,
            requests: Requests::new(issuer.starts_with("https:")),
            knowledge: Mutex::default(),
        })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The metadata; discovers it if necessary.
    pub(super) async fn known(&self) -> Result<Arc<Known>, OpenIdError> {
        // Locked during discovery, so that it runs once.
        let mut knowledge = self.knowledge.lock().await;
        match &*knowledge {
            Knowledge::Discovered(known) => return Ok(Arc::clone(known)),
            Knowledge::Failed(at, reason) if at.elapsed() < RETRY_INTERVAL => {
                return Err(OpenIdError::Provider(reason.clone()));
            }
            Knowledge::Nothing | Knowledge::Failed(..) => {}
        }
        match self.discover().await {
            Ok(known) => {
                tracing::info!(issuer = self.issuer(), "discovered the OpenID provider");
                let known = Arc::new(known);
                *knowledge = Knowledge::Discovered(Arc::clone(&known));
                Ok(known)
            }
            Err(reason) => {
                *knowledge = Knowledge::Failed(Instant::now(), reason.clone());
                Err(OpenIdError::Provider(reason))
            }
        }
    }

    /// Discards the metadata if `known` is still the current version.
    pub(super) async fn forget(&self, known: &Arc<Known>) {
        let mut knowledge = self.knowledge.lock().await;
        if matches!(&*knowledge, Knowledge::Discovered(held) if Arc::ptr_eq(held, known)) {
            *knowledge = Knowledge::Nothing;
        }
    }

    async fn discover(&self) -> Result<Known, String> {
        let response = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.requests).await;
        let found = response.map_err(|error| chain(&error))?;
        let has = |scope: &&str| found.scopes_supported().is_none_or(|all| all.iter().any(|held| &***held == *scope));
        let scopes = SCOPES.iter().filter(|scope| has(scope)).map(|scope| Scope::new((*scope).to_owned())).collect();
        let takes = |method| found.token_endpoint_auth_methods_supported().is_some_and(|all| all.contains(&method));
        let is_in_body =
            takes(CoreClientAuthMethod::ClientSecretPost) && !takes(CoreClientAuthMethod::ClientSecretBasic);
        let auth_type = if is_in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
        let client = Client::from_provider_metadata(found, self.client_id.clone(), self.secret.clone());
        let client = client.set_redirect_uri(self.redirect_url.clone()).set_auth_type(auth_type);
        Ok(Known { client, scopes })
    }

    /// Exchanges the code for tokens.
    pub(super) async fn exchange(
        &self,
        known: &Known,
        code: AuthorizationCode,
        verifier: PkceCodeVerifier,
    ) -> Result<Tokens, OpenIdError> {
        let request = known.client.exchange_code(code).map_err(|error| OpenIdError::Provider(chain(&error)))?;
        let response = request.set_pkce_verifier(verifier).request_async(&self.requests).await;
        response.map_err(|error: RequestTokenError<RequestError, _>| OpenIdError::Provider(chain(&error)))
    }

    /// Verifies the tokens; returns their claims.
    pub(super) async fn verified(
        &self,
        known: &Arc<Known>,
        tokens: &Tokens,
        nonce: &Nonce,
    ) -> Result<Claims, OpenIdError> {
        use ClaimsVerificationError::SignatureVerification;
        let claims = match known.claims(tokens, nonce) {
            Err(SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                // The provider has a new key.
                self.forget(known).await;
                self.known().await?.claims(tokens, nonce)
            }
            other => other,
        };
        claims.map_err(|error| OpenIdError::Token(chain(&error)))
    }

    /// Claims of the user info endpoint; `None` if there is none.
    pub(super) async fn more(
        &self,
        known: &Known,
        tokens: &Tokens,
        subject: &SubjectIdentifier,
    ) -> Result<Option<Claims>, OpenIdError> {
        let Ok(request) = known.client.user_info(tokens.access_token().clone(), Some(subject.clone())) else {
            return Ok(None);
        };
        let response = request.request_async(&self.requests).await;
        let claims: UserInfoClaims<OtherClaims, CoreGenderClaim> =
            response.map_err(|error| OpenIdError::Provider(chain(&error)))?;
        Ok(Some(claims.into()))
    }
}

impl Known {
    /// URL for signing in, with the state and the nonce that must come back.
    pub(super) fn address(&self, challenge: PkceCodeChallenge) -> (Url, CsrfToken, Nonce) {
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = self.client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        request.add_scopes(self.scopes.iter().cloned()).set_pkce_challenge(challenge).url()
    }

    /// Claims of the tokens. The library checks signature, issuer, audience, expiry and nonce.
    fn claims(&self, tokens: &Tokens, nonce: &Nonce) -> Result<Claims, ClaimsVerificationError> {
        let verifier = self.client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        let missing = || ClaimsVerificationError::Other("there is no ID token".to_owned());
        let token = tokens.id_token().ok_or_else(missing)?;
        let claims: &IdTokenClaims<_, _> = token.claims(&verifier, nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let key = token.signing_key(&verifier).map_err(ClaimsVerificationError::SignatureVerification)?;
            let algorithm = token.signing_alg().map_err(|error| ClaimsVerificationError::Other(error.to_string()))?;
            let own = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
                .map_err(|error| ClaimsVerificationError::Other(error.to_string()))?;
            if own != *expected {
                return Err(ClaimsVerificationError::Other("the access token does not match the ID token".to_owned()));
            }
        }
        Ok(claims.into())
    }
}
